"""Factors that move the keys' outliers into the queries (SmoothAttention, QServe, arXiv 2405.04532).

A pair of elements that RoPE turns together may be divided by any factor in the key and multiplied by it in the query:
the scores are the same, but int4 keys share one step per token and head, and int8 queries have resolution to spare.
"""

import numpy as np

QUANTILE = 0.99  #: of a pair's lengths stands for its size: the largest length, or the mean square, was worse
EXPONENT = 0.6  #: of that size; 1 would make all pairs of a head equally large


def key_factors(keys, head_dim):
    """Factors (outputs,) float32 for the outputs of a key projection to be divided by, from ``keys`` (…, outputs).

    Their geometric mean in every head is 1. A pair that the calibration hardly saw counts as a thousandth of the
    largest one.
    """
    pairs = keys.reshape(-1, keys.shape[-1] // head_dim, head_dim // 2, 2)
    size = np.quantile(np.hypot(pairs[..., 0], pairs[..., 1]), QUANTILE, axis=0)
    size = np.maximum(size, np.maximum(size.max(-1, keepdims=True) * 1e-3, 1e-30))
    logarithm = EXPONENT * np.log(size)
    return np.repeat(np.exp(logarithm - logarithm.mean(-1, keepdims=True)), 2, axis=-1).ravel().astype(np.float32)


def query_factors(factors, spec):
    """The same factors for the outputs of the query projection to be multiplied by: a key's head serves a group."""
    return np.repeat(factors.reshape(spec.kv_heads, 1, spec.head_dim), spec.group, axis=1).ravel()
