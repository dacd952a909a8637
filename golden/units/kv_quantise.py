"""int4 quantisation of a key or value vector: asymmetric, one step and one zero point per token and head."""

import numpy as np

from golden.numerics import constant_scale, normalise, reciprocal, round_shift

STEPS = 15  #: between the smallest level, −8, and the largest, 7
ZERO_FRACTION = 4  #: fraction bits of the zero point
_STEP = constant_scale(1 / STEPS)


def kv_quantise(x):
    """``x`` (…, D) int32 → ``(q (…, D) int8 in −8…7, zero (…) int64 in −128…112, step Scale (…))``.

    x ≈ (q − zero/16)·step. The range always includes 0, so the zero point fits 8 bits; with the step's 16-bit mantissa
    and 8-bit exponent a token and head cost 32 bits beside their D·4. Pass 1 finds minimum and maximum, pass 2
    multiplies by the reciprocal of step = range/15 (one serial division), rounding half up. |x − (q − zero/16)·step|
    ≤ 0.54 step: half a step, and at the ends of the range 1/32 for the zero point's own rounding
    (tests/golden/test_golden_kv_quantise.py).
    """
    x = np.asarray(x, np.int64)
    low = np.minimum(x.min(-1), 0)
    high = np.maximum(x.max(-1), 0)
    step = normalise(high - low) * _STEP
    inverse = reciprocal(step)
    zero = round_shift(-low * inverse.mantissa, inverse.exponent - ZERO_FRACTION) - (8 << ZERO_FRACTION)
    zero = np.clip(zero, -128, 112)
    # The zero point as rounded goes into the level, so that its rounding costs nothing but at the ends of the range.
    aligned = zero << (inverse.exponent - ZERO_FRACTION)
    level = round_shift(x * inverse.mantissa[..., None] + aligned[..., None], inverse.exponent[..., None])
    return np.clip(level, -8, 7).astype(np.int8), zero, step
