"""Softmax numerators and their sum: 2^(score − largest score)."""

import numpy as np

from golden.numerics import FRACTION, exp2_table, interpolate


def softmax(scores):
    """``scores`` (…, T) int32, 16 fraction bits, *in units of log2* → ``(p (…, T) int64 in 0…2^16, total (…) int64)``.

    The probability of token t is p_t/total; the scale of the scores holds the log2(e)/√head_dim. Two passes: largest
    score (kept while scores arrive), then per token a table of 65 entries with linear interpolation and a right shift,
    truncated. p_t of the largest score is 2^16 exactly; |p_t/2^16 − 2^(score difference)| ≤ 2^-15
    (tests/golden/test_golden_softmax.py). ``total`` has 16 + log2(T) bits.
    """
    scores = np.asarray(scores, np.int64)
    p = numerator(scores.max(-1, keepdims=True), scores)
    return p, p.sum(-1)


def numerator(largest, score):
    """p of ``score`` ≤ ``largest``, int64 arrays."""
    below = largest - score
    fraction = interpolate(exp2_table(), below & ((1 << FRACTION) - 1), FRACTION - 6)
    return fraction >> np.minimum(below >> FRACTION, 31)
