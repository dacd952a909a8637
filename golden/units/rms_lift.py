"""How far RMSNorm's gain lifts a vector of small numbers."""

import numpy as np

from golden.numerics import bit_length
from golden.units.rms_drop import SQUARED_BITS


def rms_lift(peak):
    """Places that take the largest magnitude ``peak`` (…) ≤ 2^31 of a vector up to SQUARED_BITS: 0 … 17."""
    return np.maximum(SQUARED_BITS - bit_length(peak), 0)
