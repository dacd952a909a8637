"""The squares that RMSNorm adds up."""

import numpy as np

from golden.numerics import round_shift
from golden.units.rms_drop import SQUARED_BITS
from golden.units.rms_unit import UNIT_BITS


def rms_square(unit):
    """The squares of ``unit`` (…), which rms_unit made with block_scale: of SQUARED_BITS of its magnitude, rounded half
    up and limited.
    """
    largest = (1 << SQUARED_BITS) - 1
    small = np.clip(round_shift(unit, UNIT_BITS - SQUARED_BITS), -largest, largest)
    return small * small
