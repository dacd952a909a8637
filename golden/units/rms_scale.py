"""From the sum of squares to what RMSNorm multiplies with: 1/√Σ."""

import numpy as np

from golden.numerics import FRACTION, bit_length, interpolate, rsqrt_table
from golden.units.rms_unit import UNIT_BITS


def rms_scale(total, eps, drop):
    """``(inverse, places)`` such that x · inverse · 2^-places is x/‖x‖ with UNIT_BITS fraction bits.

    ``total`` (…) < 2^48 is the sum of rms_square's squares, ``eps`` < 2^48 is ε·N·2^32, ``drop`` (…) what the squares
    were shifted by. 1/√ from a table of 193 entries with linear interpolation, over a mantissa of 1 … 4 with 14
    fraction bits: ``inverse`` is 2^15 … 2^16, to a relative 2^-13 (tests/golden/test_golden_rms_scale.py). ``places``
    is −8 … 31.
    """
    total = np.maximum(total + (eps >> 2 * drop), 1)
    half = (bit_length(total) - 1) >> 1  # total = mantissa · 4^half, mantissa in [1, 4)
    mantissa = np.where(half >= 7, total >> 2 * np.maximum(half - 7, 0), total << 2 * np.maximum(7 - half, 0))
    inverse = interpolate(rsqrt_table(), mantissa - (1 << 14), 8)
    return inverse, half + drop + FRACTION - UNIT_BITS
