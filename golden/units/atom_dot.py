"""The dot product of one atom: 16 int8 × int4 products, summed and scaled.

Twin of the RTL block of the same name, which computes it for two rows at once with one multiplier per slot.
"""

import numpy as np


def atom_dot(stationary, factors, positions, scale, w8):
    """``scale · Σ_s factors[s] · stationary[4·(s//2) + positions[s]] · (16 if w8 and s is odd else 1)``.

    ``stationary`` (…, 32) int8, ``factors`` (…, 16) int8 in −8…7, ``positions`` (…, 16) in 0…3, ``scale`` (…) uint8,
    ``w8`` bool. Returns (…) int64; with balanced w8 digits at most 8·128·(8 + 16·7) = 122,880 before the scale.
    """
    index = 4 * (np.arange(16) // 2) + np.asarray(positions)
    shape = np.broadcast_shapes(np.shape(stationary)[:-1], index.shape[:-1])
    picked = np.take_along_axis(
        np.broadcast_to(stationary, (*shape, 32)), np.broadcast_to(index, (*shape, 16)), axis=-1
    ).astype(np.int64)
    products = picked * factors
    if w8:
        products[..., 1::2] *= 16
    return products.sum(-1) * np.asarray(scale, np.int64)
