"""Rounding a matrix to a weight format, each weight on its own: 2:4 by magnitude, least-squares block scales.

A matrix becomes integers, a u8 scale per block of 32 weights and a float per output channel ("master") that the largest
block scale of the channel maps to 255. Rows are rounded a few at a time, by as many threads as there are processors.
"""

import os
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import combinations

import numpy as np

from golden.formats.matrix import BLOCK, PackedMatrix
from golden.formats.w8 import MAX_WEIGHT
from golden.llm.quantised_model import QuantisedMatrix, channel_scale

_ROWS_WEIGHTS = 1 << 17  # weights handled at a time, so that temporaries stay in the cache
# Candidates for a block's scale, as fractions of its largest |weight| over the format's largest level.
_CANDIDATES = {"w2": np.linspace(0.4, 1.5, 23), "w4": np.linspace(0.75, 1.1, 8)}
_LEVELS = {"w2": 3, "w4": 7}
_W2_LIMITS = (np.float32(0.5), np.float32(2))  # of |weight|/scale, above which the level is 1 and 3


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
    step = max(1, _ROWS_WEIGHTS // cols)
    parts = [weights[first : first + step] for first in range(0, rows, step)]
    round_rows = _w8_rows if kind == "w8" else partial(_rows, kind, _mean_square(cols, importance))
    with ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        done = list(pool.map(round_rows, parts))
    integers, scales, masters = zip(*done, strict=True)
    scales = None if kind == "w8" else np.concatenate(scales)
    return QuantisedMatrix(
        PackedMatrix.pack(kind, np.concatenate(integers), scales), channel_scale(np.concatenate(masters))
    )


def _mean_square(cols, importance):
    """Per weight of each block what its squared error counts, (blocks, 32) float32; None if all count the same."""
    if importance is None:
        return None
    blocks = -(-cols // BLOCK)
    mean_square = np.ones(blocks * BLOCK, np.float32)
    mean_square[:cols] = importance / importance.max()
    return mean_square.reshape(blocks, BLOCK)


def _w8_rows(weights):
    """``(integers, None, masters)`` of some rows."""
    master = _positive(np.abs(weights).max(1) / MAX_WEIGHT)
    integers = np.clip(np.rint(weights / master[:, None]), -MAX_WEIGHT, MAX_WEIGHT).astype(np.int8)
    return integers, None, master


def _rows(kind, mean_square, weights):
    """``(integers int8 (rows, cols), block scales uint8 (rows, blocks), masters float64 (rows,))`` of some rows."""
    rows, cols = weights.shape
    blocks = -(-cols // BLOCK)
    padded = np.zeros((rows, blocks * BLOCK), np.float32)
    padded[:, :cols] = weights
    grouped = padded.reshape(rows, blocks, BLOCK)
    if kind == "w2":
        grouped = _two_of_four(grouped, mean_square)
    wanted = _best_scale(grouped, kind, mean_square)
    masters = _positive(wanted.max(1) / 255)
    scales = np.maximum(np.floor(wanted / masters[:, None] + 0.5), wanted > 0)
    real = np.maximum(scales * masters[:, None], np.finfo(np.float32).tiny).astype(np.float32)
    integers = _integers(grouped / real[..., None], kind)
    return integers.reshape(rows, -1)[:, :cols], scales.astype(np.uint8), masters


def _two_of_four(blocks, mean_square):
    """The weights with the two less important of each four set to zero."""
    score = np.abs(blocks if mean_square is None else blocks * np.sqrt(mean_square))
    score = [score.reshape(-1, 4)[:, position].copy() for position in range(4)]
    # How many come before each: the larger ones, and equals at lower positions.
    before = [np.zeros(score[0].shape, np.int8) for _ in range(4)]
    for low, high in combinations(range(4), 2):
        first = (score[low] >= score[high]).view(np.int8)
        before[high] += first
        before[low] += first ^ np.int8(1)
    kept = np.stack(before, axis=1) < 2
    return np.where(kept, blocks.reshape(-1, 4), np.float32(0)).reshape(blocks.shape)


def _best_scale(blocks, kind, mean_square):
    """Per block the least-squares scale for the levels to which the best candidate scale rounds."""
    largest = np.abs(blocks).max(-1)
    best = np.zeros(largest.shape, np.float32)
    least = np.full(largest.shape, np.inf, np.float32)
    safe = np.where(largest > 0, largest, 1)
    normal = blocks / safe[..., None]
    if kind == "w2":  # whose levels are symmetric: signs change neither sum
        np.abs(normal, out=normal)
    for levels in _candidates(normal, kind):
        # The best multiple of these levels, and what it leaves: |w|² − (w·l)²/|l|², of which the first term is
        # constant.
        weighted = levels if mean_square is None else levels * mean_square
        product = np.maximum(np.einsum("nbk,nbk->nb", normal, weighted), 0)
        square = np.maximum(np.einsum("nbk,nbk->nb", levels, weighted), np.finfo(np.float32).tiny)
        left = -(product**2) / square
        better = left < least
        np.copyto(least, left, where=better)
        np.copyto(best, product / square, where=better)
    return (best * largest).astype(np.float64)


def _candidates(normal, kind):
    """The levels to which ``normal`` rounds with each candidate scale, float32; in one array, one after another."""
    levels = np.empty_like(normal)
    for fraction in _CANDIDATES[kind] / _LEVELS[kind]:
        factor = np.float32(1 / fraction)
        if kind == "w4":
            np.multiply(normal, factor, out=levels)
            _round_w4(levels)
        else:
            one, three = ((normal > _threshold(factor, limit)).view(np.uint8) for limit in _W2_LIMITS)
            levels[...] = one + (three << 1)
        yield levels


def _threshold(factor, limit):
    """The largest float32 whose product with ``factor`` rounds to at most ``limit``: to compare with it saves the
    product.
    """
    threshold, infinity = np.float32(limit / factor), np.float32(np.inf)
    while threshold * factor > limit:
        threshold = np.nextafter(threshold, -infinity)
    while (above := np.nextafter(threshold, infinity)) * factor <= limit:
        threshold = above
    return threshold


def _integers(ratio, kind):
    """The nearest levels to ``ratio`` = weight/scale, int8; ``ratio`` is overwritten."""
    if kind == "w4":
        return _round_w4(ratio).astype(np.int8)
    one, three = ((ratio > limit).view(np.int8) - (ratio < -limit).view(np.int8) for limit in _W2_LIMITS)
    return one + (three << np.int8(1))


def _round_w4(ratio):
    """``ratio`` with every value rounded to a level, and returned."""
    np.rint(ratio, out=ratio)
    return np.clip(ratio, -8, 7, out=ratio)


def _positive(values):
    """``values`` with zeros (an all-zero channel) replaced by a harmless scale."""
    return np.where(values > 0, values, 2.0**-30)
