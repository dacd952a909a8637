"""The int8 weights of cached values: softmax numerators with each token's value step folded in."""

import numpy as np

from golden.numerics import round_shift

#: Of a product's 32 bits: what a weight of 7 bits loses at least, unless it is 0; what leaves nothing of it.
LEAST_DROP, LARGEST_DROP = 9, 33


def value_probs(p, value_step, places):
    """``p`` (…, R, T) from softmax(), ``value_step`` (…, T), ``places`` (…, R) from softmax_reference() → weights in
    0…127, int8 (…, R, T).

    p_t·step_t ≈ weight_t·2^``places``, rounded half up; a row's largest weight is 120 to 127 as long as p has ten bits.
    Folding the step in means that the pv sum needs no scale per token, and that a token with large probability and
    small values does not push the others below one level.
    """
    drop = value_step.exponent[..., None, :] + places[..., None]
    return value_weight(p, value_step.mantissa[..., None, :], drop).astype(np.int8)


def value_weight(p, mantissa, drop):
    """``p`` · ``mantissa`` · 2^-``drop``, rounded half up, int64."""
    return round_shift(p * mantissa, np.clip(drop, LEAST_DROP, LARGEST_DROP))
