"""round_to_nearest() gives, to the bit, what its definition says when it is followed step by step, without threads."""

import numpy as np
import pytest

from golden.formats.matrix import PackedMatrix
from golden.llm.compress.round_to_nearest import round_to_nearest
from golden.llm.quantised_model import QuantisedMatrix, channel_scale

#: A weight whose scale every format has; larger ones are refused.
LARGEST = 1.2e11


def by_definition(weights, kind, importance):
    rows, cols = weights.shape
    if kind == "w8":
        master = np.abs(weights).max(1) / 119
        master = np.where(master > 0, master, 2.0**-30)
        integers = np.clip(np.rint(weights / master[:, None]), -119, 119).astype(np.int8)
        return QuantisedMatrix(PackedMatrix.pack("w8", integers), channel_scale(master))
    blocks = -(-cols // 32)
    mean_square = np.ones(blocks * 32, np.float32)
    if importance is not None:
        mean_square[:cols] = importance / importance.max()
    mean_square = mean_square.reshape(blocks, 32)
    padded = np.zeros((rows, blocks * 32), np.float32)
    padded[:, :cols] = weights
    grouped = padded.reshape(rows, blocks, 32)
    if kind == "w2":
        score = np.abs(grouped * np.sqrt(mean_square)).reshape(rows, blocks, 8, 4)
        order = np.argsort(-score, axis=-1, kind="stable")
        pruned = grouped.reshape(score.shape).copy()
        np.put_along_axis(pruned, order[..., 2:], 0, axis=-1)
        grouped = pruned.reshape(grouped.shape)
    wanted = best_scale(grouped, kind, mean_square)
    master = wanted.max(1) / 255
    master = np.where(master > 0, master, 2.0**-30)
    scales = np.maximum(np.floor(wanted / master[:, None] + 0.5), wanted > 0)
    real = np.maximum(scales * master[:, None], np.finfo(np.float32).tiny).astype(np.float32)
    integers = levels_of(grouped / real[..., None], kind).astype(np.int8).reshape(rows, -1)[:, :cols]
    return QuantisedMatrix(PackedMatrix.pack(kind, integers, scales.astype(np.uint8)), channel_scale(master))


def best_scale(blocks, kind, mean_square):
    largest = np.abs(blocks).max(-1)
    normal = blocks / np.where(largest > 0, largest, 1)[..., None]
    best, least = np.zeros(largest.shape, np.float32), np.full(largest.shape, np.inf, np.float32)
    fractions = np.linspace(0.4, 1.5, 23) / 3 if kind == "w2" else np.linspace(0.75, 1.1, 8) / 7
    for fraction in fractions:
        levels = levels_of(normal * np.float32(1 / fraction), kind)
        weighted = levels * mean_square
        product = np.maximum(np.einsum("nbk,nbk->nb", normal, weighted), 0)
        square = np.maximum(np.einsum("nbk,nbk->nb", levels, weighted), np.finfo(np.float32).tiny)
        left = -(product**2) / square
        better = left < least
        least, best = np.where(better, left, least), np.where(better, product / square, best)
    return (best * largest).astype(np.float64)


def levels_of(ratio, kind):
    if kind == "w4":
        return np.clip(np.rint(ratio), -8, 7)
    return np.copysign((np.abs(ratio) > 0.5) + np.float32(2) * (np.abs(ratio) > 2), ratio)


def drawn(case, rng, rows, cols):
    """Weights of a kind that may go wrong."""
    weights = rng.normal(size=(rows, cols))
    if case == "outliers":
        weights = rng.standard_t(1.2, (rows, cols))
    elif case == "equals":
        weights = rng.integers(-4, 5, (rows, cols))
    elif case == "any magnitude of a row":
        weights = weights * 10.0 ** rng.uniform(-45, 10, (rows, 1))
    elif case == "any magnitude of a weight":
        weights = weights * 10.0 ** rng.uniform(-20, 10, (rows, cols))
    elif case == "zeros":
        weights[rng.random(rows) < 0.5] = 0
        weights[:, rng.random(cols) < 0.5] = 0
    elif case == "the largest":
        weights = np.sign(weights) * LARGEST
    elif case == "the smallest":
        weights = rng.choice([0, 1e-45, -1e-45, 1e-38, 3e-39, 1], (rows, cols))
    return np.clip(weights, -LARGEST, LARGEST).astype(np.float32)


CASES = (
    *("normal", "outliers", "equals", "any magnitude of a row", "any magnitude of a weight", "zeros"),
    *("the largest", "the smallest"),
)


@pytest.mark.parametrize("kind", ["w2", "w4", "w8"])
@pytest.mark.parametrize("case", CASES)
@np.errstate(all="ignore")
def test_bits(kind, case):
    rng = np.random.default_rng(CASES.index(case))
    for rows, cols in ((1, 1), (3, 31), (17, 32), (40, 33), (5, 341), (300, 1000)):
        weights = drawn(case, rng, rows, cols)
        for importance in (None, rng.lognormal(sigma=3, size=cols)):
            found = round_to_nearest(weights, kind, importance)
            expected = by_definition(weights, kind, importance)
            assert (found.packed.atoms == expected.packed.atoms).all()
            assert kind != "w4" or (found.packed.scales == expected.packed.scales).all()
            assert (found.scale.mantissa == expected.scale.mantissa).all()
            assert (found.scale.exponent == expected.scale.exponent).all()
