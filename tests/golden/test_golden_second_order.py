import itertools

import numpy as np
import pytest

from golden.errors import InputError
from golden.llm.compress import second_order as module
from golden.llm.compress.round_to_nearest import round_to_nearest
from golden.llm.compress.second_order import DAMPING, second_order


def gram_of(cols, tokens, seed=0):
    """XᵀX of correlated inputs, some much larger than others."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(tokens, cols)) @ (np.exp(-np.arange(cols) / 16)[:, None] * rng.normal(size=(cols, cols)))
    x *= rng.lognormal(sigma=0.5, size=cols)
    return x.T @ x


def loss(weights, matrix, gram):
    error = matrix.to_float().astype(float) - weights
    return np.einsum("ni,ij,nj->", error, gram, error)


def damped(gram, kind):
    return gram + np.eye(len(gram)) * DAMPING[kind] * np.trace(gram) / len(gram)


def test_the_walk_is_a_least_squares_solution_after_every_column():
    """Optimal brain quantisation as it is defined: round a column, then solve for all columns still free, again and
    again. In w8 the scales are known beforehand, so the codes must be the same."""
    rng = np.random.default_rng(1)
    weights, gram = rng.normal(size=(6, 40)).astype(np.float32), gram_of(40, 200)
    full = damped(gram, "w8")
    scale = np.abs(weights).max(1) / 119
    moved, codes = weights.astype(float), np.zeros((6, 40), int)
    order = np.argsort(-np.diag(full))
    for number, column in enumerate(order):
        codes[:, column] = np.clip(np.rint(moved[:, column] / scale), -119, 119)
        fixed, free = order[: number + 1], order[number + 1 :]
        lost = codes[:, fixed] * scale[:, None] - weights[:, fixed]
        moved[:, free] = (
            weights[:, free] - np.linalg.solve(full[np.ix_(free, free)], full[np.ix_(free, fixed)] @ lost.T).T
        )
    walked, _ = second_order(weights, "w8", gram, rounds=0).packed.unpack()
    assert (walked == codes).all()
    assert (codes != np.rint(weights / scale[:, None])).mean() > 0.3  # and not what plain rounding gives


def legal_groups():
    return np.array([group for group in itertools.product((0, 1, -1, 3, -3), repeat=4) if np.count_nonzero(group) <= 2])


def test_a_group_takes_the_best_mask_and_levels():
    rng = np.random.default_rng(2)
    ratio, inverse = rng.normal(size=(4, 300)) * 2, np.triu(rng.normal(size=(4, 4))) + 2 * np.eye(4)
    found = module._nearest_codes(ratio.astype(np.float32), inverse.astype(np.float32))
    losses = np.square((ratio.T[:, None] - legal_groups()) @ inverse).sum(-1)
    taken = np.square((ratio - found).T @ inverse).sum(-1)
    assert np.allclose(taken, losses.min(1), rtol=1e-4)
    magnitude = np.sort(np.argsort(-abs(ratio), axis=0)[:2], axis=0)
    kept = [np.flatnonzero(column) for column in found.T]
    assert any(len(k) == 2 and (k != m).any() for k, m in zip(kept, magnitude.T, strict=True))


def test_one_group_against_all_codes_and_scales():
    """Four inputs are one group: nothing is left to compensate, and every result can be tried."""
    rng = np.random.default_rng(3)
    weights, gram = rng.normal(size=(20, 4)).astype(np.float32), gram_of(4, 30)
    full = damped(gram, "w2")
    found, excess = second_order(weights, "w2", gram), []
    for row, got in zip(weights, found.to_float(), strict=True):
        scales = np.abs(row).max() / 3 * np.linspace(0.05, 2.0, 400)
        error = row - scales[:, None, None] * legal_groups()
        least = np.einsum("sgi,ij,sgj->sg", error, full, error).min()
        excess.append((row - got) @ full @ (row - got) / least)
    assert max(excess) < 1.3 and np.median(excess) < 1.002


@pytest.mark.parametrize(("kind", "walk", "descent"), [("w2", 0.4, 0.85), ("w4", 0.3, 0.95), ("w8", 0.3, 1.0)])
def test_each_step_lowers_the_loss(kind, walk, descent):
    rng = np.random.default_rng(4)
    weights, gram = rng.normal(size=(48, 100)).astype(np.float32), gram_of(100, 1000)
    importance = np.diag(gram)
    plain = loss(weights, round_to_nearest(weights, kind, None if kind == "w8" else importance), gram)
    losses = [
        loss(weights, second_order(weights, kind, gram, rounds=rounds), damped(gram, kind)) for rounds in range(4)
    ]
    assert losses[0] < walk * plain
    assert losses == sorted(losses, reverse=True) and losses[3] <= descent * losses[0]


@pytest.mark.parametrize("kind", ["w2", "w4", "w8"])
def test_other_wanted_outputs(kind):
    rng = np.random.default_rng(5)
    weights, moved = (rng.normal(size=(7, 33)).astype(np.float32) for _ in range(2))
    gram = gram_of(33, 500)
    wanted = second_order(moved, kind, gram, damping=1e-9)
    got = second_order(weights, kind, gram, cross=moved @ gram, strength=1, damping=1e-9)
    assert loss(moved, got, gram) < 1.1 * loss(moved, wanted, gram)
    half = second_order(weights, kind, gram, cross=moved @ gram, strength=0.5, damping=1e-9)
    assert loss((moved + weights) / 2, half, gram) < 0.3 * loss(moved, half, gram)


@pytest.mark.parametrize("kind", ["w2", "w4", "w8"])
@pytest.mark.parametrize(("rows", "cols"), [(1, 1), (3, 31), (5, 33), (2, 96)])
def test_shapes_zeros_and_inputs_that_say_nothing(kind, rows, cols):
    rng = np.random.default_rng(6)
    weights = rng.normal(size=(rows, cols)).astype(np.float32)
    weights[0] = 0
    one_token = np.outer(np.ones(cols), np.ones(cols))
    dead = gram_of(cols, 50)
    dead[cols // 2 :] = dead[:, cols // 2 :] = 0
    for gram in (np.zeros((cols, cols)), one_token, dead, 1e30 * dead, 1e-30 * dead):
        matrix = second_order(weights, kind, gram)
        assert (matrix.packed.rows, matrix.packed.cols, matrix.packed.kind) == (rows, cols, kind)
        assert np.linalg.norm(matrix.to_float() - weights) <= 1.1 * np.linalg.norm(weights)
        assert not matrix.to_float()[0].any()


@pytest.mark.parametrize("kind", ["w2", "w8"])
@pytest.mark.parametrize("where", ["weights", "gram", "cross"])
def test_not_finite(kind, where):
    values = {"weights": np.ones((2, 8), np.float32), "gram": np.eye(8), "cross": np.ones((2, 8), np.float32)}
    values[where][0, 0] = np.nan
    with pytest.raises(InputError, match="not finite"):
        second_order(values["weights"], kind, values["gram"], values["cross"])


def test_a_gram_that_is_none():
    """Numbers that no inputs have: not positive definite even when damped."""
    with pytest.raises(InputError, match="too much alike"):
        second_order(np.ones((2, 8), np.float32), "w4", np.ones((8, 8)) - 0.9 * np.eye(8))
