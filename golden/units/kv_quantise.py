"""int4 quantisation of a key or value vector: asymmetric, one step and one zero point per token and head."""

import numpy as np

from golden.numerics import round_shift
from golden.units.kv_step import ZERO_FRACTION, kv_step


def kv_quantise(x):
    """``x`` (…, D) int32 → ``(q (…, D) int8 in −8…7, zero (…) int64 in −128…112, step Scale (…))``.

    x ≈ (q − zero/16)·step. The range always includes 0, so the zero point fits 8 bits; with the step's 16-bit mantissa
    and 8-bit exponent a token and head cost 32 bits beside their D·4. Pass 1 finds minimum and maximum, pass 2
    multiplies by the reciprocal of step = range/15 (one division), rounding half up. |x − (q − zero/16)·step|
    ≤ 0.54 step: half a step, and at the ends of the range 1/32 for the zero point's own rounding
    (tests/golden/test_golden_kv_quantise.py).
    """
    x = np.asarray(x, np.int64)
    step, inverse, zero = kv_step(np.minimum(x.min(-1), 0), np.maximum(x.max(-1), 0))
    return kv_level(x, inverse[..., None], zero[..., None]).astype(np.int8), zero, step


def kv_level(x, inverse, zero):
    """Levels −8 … 7 of ``x`` (…) int32 for the step with this ``inverse`` (Scale, broadcast) and ``zero``, in int64.

    The zero point as rounded goes into the level, so that its rounding costs nothing but at the ends of the range.
    """
    aligned = zero << (inverse.exponent - ZERO_FRACTION)
    return np.clip(round_shift(x * inverse.mantissa + aligned, inverse.exponent), -8, 7)
