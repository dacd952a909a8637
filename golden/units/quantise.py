"""Dynamic quantisation: a vector becomes int8 with one scale for the whole vector."""

import numpy as np

from golden.numerics import constant_scale, normalise, reciprocal, round_shift

LEVELS = 127
_STEP = constant_scale(1 / LEVELS)


def quantise(x):
    """``x`` (…, N) int32 → ``(q (…, N) int8 in −127…127, step Scale (…))`` with x ≈ q·step.

    Two passes: the largest |x| (one comparator), then a multiplication by the reciprocal of step = max/127 (a serial
    division per vector), rounding half up. |x − q·step| ≤ 0.504 step. An all-zero vector gives zeros.
    """
    x = np.asarray(x, np.int64)
    step = normalise(np.abs(x).max(-1)) * _STEP
    inverse = reciprocal(step)
    quotient = round_shift(x * inverse.mantissa[..., None], inverse.exponent[..., None])
    return np.clip(quotient, -LEVELS, LEVELS).astype(np.int8), step
