"""Attention scores: the engine's qk sums become log2 scores, with the keys' zero points taken out exactly."""

import numpy as np

from golden.numerics import FRACTION, constant_scale
from golden.units.kv_step import ZERO_FRACTION
from golden.units.requantise import requantise


def query_constant(head_dim):
    """log2(e)/√head_dim as a Scale: what turns q·k into an exponent of 2."""
    return constant_scale(np.log2(np.e) / np.sqrt(head_dim))


def attention_scores(dots, queries, query_step, zero, key_step, constant):
    """Scores (…, R, T) int32 with 16 fraction bits, in units of log2.

    ``dots`` (…, R, T) are the qk results of ``queries`` (…, R, D) int8 with steps ``query_step`` (…, R) and the
    cached keys with ``zero`` (…, T) and ``key_step`` (…, T); ``constant`` = query_constant(D). As k = (q −
    zero/16)·step, the exact sum is 16·dot − zero·Σquery (an integer of 22 bits up to D = 128), and one
    requantisation per score follows.
    """
    query_sum = queries.sum(-1, dtype=np.int64)
    query_scale = (query_step * constant)[..., :, None]
    # Both steps count units of 2^-16, and the sum sixteenths.
    scale = (query_scale * key_step[..., None, :]).shifted(-FRACTION - ZERO_FRACTION)
    return requantise(without_zero(dots, zero[..., None, :], query_sum[..., :, None]), scale)


def without_zero(dot, zero, query_sum):
    """Sixteenfold q·k in key steps: the qk result ``dot`` without the part of the key's ``zero``, exact."""
    return (dot << ZERO_FRACTION) - zero * query_sum
