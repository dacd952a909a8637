"""How far a vector is shifted right before RMSNorm squares it."""

import numpy as np

from golden.numerics import bit_length

SQUARED_BITS = 17  #: magnitude bits of what is squared: an 18-bit signed operand, one DSP48E2


def rms_drop(peak):
    """Places that take the largest magnitude ``peak`` (…) ≤ 2^31 of a vector to SQUARED_BITS: 0 … 15."""
    return np.maximum(bit_length(peak) - SQUARED_BITS, 0)
