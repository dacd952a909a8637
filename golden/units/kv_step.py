"""The step of an int4 quantisation, its inverse and the zero point."""

import numpy as np

from golden.numerics import constant_scale, normalise, reciprocal, round_shift

STEPS = 15  #: between the smallest level, −8, and the largest, 7
ZERO_FRACTION = 4  #: fraction bits of the zero point
STEP = constant_scale(1 / STEPS)


def kv_step(low, high):
    """``low`` ≤ 0 ≤ ``high`` (…) int32 → ``(step, inverse, zero)``: Scales, and (…) int64 in −128…112.

    step ≈ (high − low)/15, |step·15/range − 1| ≤ 2^-14.4, and inverse ≈ 1/step, |step·inverse − 1| ≤ 2^-15; a range of
    0 counts as 1. zero/16 is the level of 0, rounded half up.
    """
    low = np.asarray(low, np.int64)
    step = normalise(high - low) * STEP
    inverse = reciprocal(step)
    zero = round_shift(-low * inverse.mantissa, inverse.exponent - ZERO_FRACTION) - (8 << ZERO_FRACTION)
    return step, inverse, np.clip(zero, -128, 112)
