"""Rounding a matrix to a weight format, each weight on its own: 2:4 by magnitude, least-squares block scales.

A matrix becomes integers, a u8 scale per block of 32 weights and a float per output channel ("master") that the largest
block scale of the channel maps to 255.
"""

import numpy as np

from golden.formats.matrix import BLOCK, PackedMatrix
from golden.formats.w8 import MAX_WEIGHT
from golden.quantised import QuantisedMatrix, channel_scale

_ROWS_WEIGHTS = 1 << 19  # weights handled at a time, so that temporaries stay in the cache
# Candidates for a block's scale, as fractions of its largest |weight| over the format's largest level.
_CANDIDATES = {"w2": np.linspace(0.4, 1.5, 23), "w4": np.linspace(0.75, 1.1, 8)}
_LEVELS = {"w2": 3, "w4": 7}


def round_to_nearest(weights, kind, importance=None):
    """The QuantisedMatrix of ``weights`` (rows, cols) float32 in format ``kind``.

    ``importance`` (cols,) > 0 is the mean square of each input: squared errors count that much (1 if it is not given),
    and magnitudes in the choice of what to prune its square root (Wanda, arXiv 2306.11695).

    ``w2`` keeps the two largest |weights| of each group of four (the lower position among equals) and rounds them to
    ±1 or ±3 times the block's scale, dropping what is nearer to zero. Where all inputs count the same, that is the
    best mask for any scale, as the gain max(2t−1, 6t−9) of keeping t = |weight|/scale grows with t. ``w2`` and
    ``w4`` take, per block, the scale among a few candidates with the least squared error. ``w8`` has one scale per
    channel, max|weight|/119.
    """
    rows, cols = weights.shape
    if kind == "w8":
        master = _positive(np.abs(weights).max(1) / MAX_WEIGHT)
        return QuantisedMatrix(
            PackedMatrix.pack("w8", _round(weights / master[:, None], MAX_WEIGHT)), channel_scale(master)
        )
    blocks = -(-cols // BLOCK)
    mean_square = np.ones(blocks * BLOCK, np.float32)
    if importance is not None:
        mean_square[:cols] = importance / importance.max()
    mean_square = mean_square.reshape(blocks, BLOCK)
    integers = np.empty((rows, cols), np.int8)
    scales = np.empty((rows, blocks), np.uint8)
    masters = np.empty(rows, np.float64)
    step = max(1, _ROWS_WEIGHTS // cols)
    for first in range(0, rows, step):
        part = slice(first, min(first + step, rows))
        padded = np.zeros((part.stop - first, blocks * BLOCK), np.float32)
        padded[:, :cols] = weights[part]
        grouped = padded.reshape(-1, blocks, BLOCK)
        if kind == "w2":
            grouped = _two_of_four(grouped, mean_square)
        wanted = _best_scale(grouped, kind, mean_square)
        masters[part] = _positive(wanted.max(1) / 255)
        u8 = np.maximum(np.floor(wanted / masters[part, None] + 0.5), wanted > 0)
        scales[part] = u8
        real = np.maximum(u8 * masters[part, None], np.finfo(np.float32).tiny).astype(np.float32)
        levels = _levels(grouped / real[..., None], kind).astype(np.int8)
        integers[part] = levels.reshape(-1, blocks * BLOCK)[:, :cols]
    return QuantisedMatrix(PackedMatrix.pack(kind, integers, scales), channel_scale(masters))


def _two_of_four(blocks, mean_square):
    """The weights with the two less important of each four set to zero."""
    groups = (*blocks.shape[:-1], BLOCK // 4, 4)
    order = np.argsort(-np.abs(blocks * np.sqrt(mean_square)).reshape(groups), axis=-1, kind="stable")
    pruned = blocks.reshape(groups).copy()
    np.put_along_axis(pruned, order[..., 2:], 0, axis=-1)
    return pruned.reshape(blocks.shape)


def _best_scale(blocks, kind, mean_square):
    """Per block the least-squares scale for the levels to which the best candidate scale rounds."""
    largest = np.abs(blocks).max(-1)
    best = np.zeros(largest.shape, np.float32)
    least = np.full(largest.shape, np.inf, np.float32)
    safe = np.where(largest > 0, largest, 1)
    normal = blocks / safe[..., None]
    for fraction in _CANDIDATES[kind] / _LEVELS[kind]:
        levels = _levels(normal * np.float32(1 / fraction), kind)
        # The best multiple of these levels, and what it leaves: |w|² − (w·l)²/|l|², of which the first term is
        # constant.
        weighted = levels * mean_square
        product = np.einsum("nbk,nbk->nb", normal, weighted)
        square = np.maximum(np.einsum("nbk,nbk->nb", levels, weighted), np.finfo(np.float32).tiny)
        left = -(np.maximum(product, 0) ** 2) / square
        better = left < least
        least = np.where(better, left, least)
        best = np.where(better, np.maximum(product, 0) / square, best)
    return (best * largest).astype(np.float64)


def _levels(ratio, kind):
    """The nearest levels to ``ratio`` = weight/scale, as float32; ``ratio`` is overwritten."""
    if kind == "w4":
        np.rint(ratio, out=ratio)
        return np.clip(ratio, -8, 7, out=ratio)
    magnitude = np.abs(ratio)
    return np.copysign((magnitude > 0.5) + np.float32(2) * (magnitude > 2), ratio)


def _round(values, limit):
    return np.clip(np.rint(values), -limit, limit).astype(np.int8)


def _positive(values):
    """``values`` with zeros (an all-zero channel) replaced by a harmless scale."""
    return np.where(values > 0, values, 2.0**-30)
