"""Random weights that a format can hold, for tests and benchmarks of everything that computes with them."""

import numpy as np

from golden.formats import w8

_TOP = {"w2": 3, "w4": 8, "w8": w8.MAX_WEIGHT}


def random_weights(rng, kind, rows, cols, extreme=False):
    """``(weights (rows, cols) int8, scale (rows, ceil(cols/32)) uint8 or None for w8)`` from generator ``rng``.

    With ``extreme`` every weight (in w2: two of four) is the most negative one and every scale 255, so that sums of
    same-sign activations are the largest the format allows.
    """
    blocks = -(-cols // 32)
    top = _TOP[kind]
    scale = None if kind == "w8" else rng.integers(0, 256, (rows, blocks)).astype(np.uint8)
    if extreme:
        weights = np.full((rows, blocks * 32), -top, np.int8)
        scale = None if scale is None else np.full_like(scale, 255)
    elif kind == "w2":
        weights = rng.choice(np.array([-3, -1, 0, 1, 3], np.int8), (rows, blocks * 32))
    else:
        weights = rng.integers(-top, 8 if kind == "w4" else top + 1, (rows, blocks * 32)).astype(np.int8)
    if kind == "w2":
        order = rng.random((rows, blocks * 8, 4)).argsort(-1).reshape(rows, -1)
        weights = np.where(order < 2, weights, np.int8(0))
    return np.ascontiguousarray(weights[:, :cols]), scale
