"""Softmax numerators and their sum: 2^(score − reference), where the reference is hardly above the largest score."""

import numpy as np

from golden.numerics import FRACTION, interpolate, numerator_table

#: A weight of 2^7 would be a product of 2^30.
WEIGHT_PLACES = 30 - 7
#: The weight of a token whose product is just its bound: 15/16 of 2^7. One whose product is 2^0.0861 times as large,
#: which is the most, still has no more than 127.
BOUND_LEVEL = 120


def value_bound(score, value_step):
    """log2 of 2^``score`` · ``value_step`` (Scale), less 14 and at most 0.0861 too low: int64 with 16 fraction bits.

    The logarithm of a mantissa 1 + x counts as x, so there is no table.
    """
    return score + (value_step.mantissa << 1) - (value_step.exponent << FRACTION)


def softmax_reference(largest, bound):
    """``(reference, places)`` of the ``largest`` score of a row and the largest ``bound`` of its tokens (value_bound).

    ``reference``: the least number from ``largest`` on that differs from ``bound`` by a whole one. So the step of the
    weights is a power of two, 2^``places`` (value_probs), and a numerator becomes a weight as soon as it is there.
    """
    reference = largest + (bound - largest & (1 << FRACTION) - 1)
    return reference, (bound - reference >> FRACTION) + WEIGHT_PLACES


def softmax(scores, reference):
    """``scores`` (…, T) int32, 16 fraction bits, *in units of log2* → ``(p (…, T) int64, total (…) int64)``.

    The probability of token t is p_t/total; the scale of the scores holds the log2(e)/√head_dim. ``reference`` (…) is
    not below any score, and not above the largest by one or more. Per token a table of 65 entries with linear
    interpolation and a right shift, truncated: |p_t/2^16 − 15/16 · 2^(score − reference)| ≤ 2^-15
    (tests/golden/test_golden_softmax.py). 15/16, so that the largest weight has room for what value_bound() leaves out.
    ``total`` has 16 + log2(T) bits.
    """
    p = numerator(np.asarray(reference, np.int64)[..., None], np.asarray(scores, np.int64))
    return p, p.sum(-1)


def numerator(reference, score):
    """p of ``score`` ≤ ``reference``, int64 arrays."""
    below = reference - score
    fraction = interpolate(numerator_table(), below & ((1 << FRACTION) - 1), FRACTION - 6)
    return fraction >> np.minimum(below >> FRACTION, 31)
