"""The int8 probabilities of cached values: softmax numerators with each token's value step folded in."""

import numpy as np

from golden.numerics import Scale
from golden.units.quantise import quantise

SPARE_BITS = 2  #: numerator (17 bits) × mantissa (16 bits) into the quantiser's 31-bit magnitude


def value_probs(p, value_step):
    """``p`` (…, R, T) from softmax() and ``value_step`` (…, T) → ``(probs, step)``: int8 (…, R, T) in 0…127 and a Scale
    (…, R).

    p_t·step_t ≈ prob_t·step. Folding the step in means that the pv sum needs no scale per token, and that a token
    with large probability and small values does not push the others below one level. Products align to the largest
    step's exponent by a truncating right shift; then one int8 quantisation per row.
    """
    exponent = value_step.exponent.min(-1, keepdims=True)
    drop = np.minimum(value_step.exponent - exponent, 40) + SPARE_BITS
    probs, step = quantise(aligned_product(p, value_step.mantissa[..., None, :], drop[..., None, :]))
    return probs, Scale(step.mantissa, step.exponent + exponent).shifted(SPARE_BITS)


def aligned_product(p, mantissa, drop):
    """``p`` · ``mantissa`` · 2^-``drop``, truncated: less than 2^30 for a ``drop`` from SPARE_BITS."""
    return (p * mantissa) >> drop
