"""Dynamic quantisation: a vector becomes int8 with one scale for the whole vector."""

import numpy as np

from golden.numerics import round_shift
from golden.units.quantise_step import LEVELS, quantise_step


def quantise(x):
    """``x`` (…, N) int32 → ``(q (…, N) int8 in −127…127, step Scale (…))`` with x ≈ q·step.

    Two passes: the largest |x| (one comparator), then a multiplication by the reciprocal of step = max/127 (one
    division per vector), rounding half up. |x − q·step| ≤ 0.504 step. An all-zero vector gives zeros.
    """
    x = np.asarray(x, np.int64)
    step, inverse = quantise_step(np.abs(x).max(-1))
    return quantise_level(x, inverse[..., None]).astype(np.int8), step


def quantise_level(x, inverse):
    """Levels −127 … 127 of ``x`` (…) int32 for the step with this ``inverse`` (Scale, broadcast), in int64."""
    return np.clip(round_shift(x * inverse.mantissa, inverse.exponent), -LEVELS, LEVELS)
