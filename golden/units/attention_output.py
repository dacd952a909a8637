"""The attention output: pv sums without the zero points, divided by the softmax total."""

import numpy as np

from golden.units.kv_step import ZERO_FRACTION
from golden.units.requantise import requantise
from golden.units.total_inverse import total_inverse


def attention_output(sums, probs, places, zero, total):
    """Outputs (…, R, D) int32 with 16 fraction bits.

    ``sums`` (…, R, D) are the pv results of ``probs`` (…, R, T) int8 in steps of 2^``places`` (…, R); ``zero`` (…, T)
    belongs to the cached values, ``total`` (…, R) to the softmax. The exact sum is 16·sum − Σ_t prob_t·zero_t; one
    reciprocal per row and one requantisation per output follow.
    """
    # In floats for BLAS: exact, as the sum is far below 2^53.
    correction = (probs.astype(np.float64) @ zero[..., None].astype(np.float64))[..., 0].astype(np.int64)
    scale = total_inverse(total).shifted(places - ZERO_FRACTION)
    return requantise(without_zeros(sums, correction[..., None]), scale[..., None])


def without_zeros(total, correction):
    """Sixteenfold Σ prob·value: the pv result ``total`` without the zero points' part ``correction``, exact."""
    return (total << ZERO_FRACTION) - correction
