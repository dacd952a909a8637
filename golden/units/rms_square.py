"""The squares that RMSNorm adds up."""

import numpy as np

from golden.numerics import round_shift
from golden.units.rms_drop import SQUARED_BITS


def rms_square(x, drop):
    """(``x`` · 2^-``drop``)² of int32 ``x``, rounded half up and limited to SQUARED_BITS before it is squared."""
    largest = (1 << SQUARED_BITS) - 1
    small = np.clip(round_shift(x, drop), -largest, largest)
    return small * small
