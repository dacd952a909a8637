import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from golden.llm.compress.round_to_nearest import round_to_nearest


def relative_error(weights, matrix):
    return np.linalg.norm(matrix.to_float() - weights) / np.linalg.norm(weights)


@pytest.mark.parametrize(("kind", "bound"), [("w2", 0.44), ("w4", 0.09), ("w8", 0.012)])
def test_error_of_gaussian_weights(kind, bound):
    weights = np.random.default_rng(0).normal(size=(64, 512)).astype(np.float32) * 0.02
    assert relative_error(weights, round_to_nearest(weights, kind)) < bound


@pytest.mark.parametrize("kind", ["w2", "w4", "w8"])
def test_weights_on_the_grid_survive(kind):
    """A matrix that the format can hold exactly comes back with no more than the scales' rounding."""
    rng = np.random.default_rng(1)
    levels = {"w2": [-3, -1, 1, 3], "w4": list(range(-8, 8)), "w8": list(range(-119, 120))}[kind]
    weights = rng.choice(np.array(levels, np.float32), (8, 64))
    weights[:, 0::32] = levels[0]
    if kind == "w2":
        weights.reshape(8, 16, 4)[..., 1::2] = 0
    assert relative_error(weights, round_to_nearest(weights * np.float32(0.013), kind)) > 0.5
    assert relative_error(weights * np.float32(0.013), round_to_nearest(weights * np.float32(0.013), kind)) < 1e-4


def test_w2_keeps_the_two_largest():
    weights = np.zeros((1, 32), np.float32)
    weights[0, :8] = 3, -2.9, 1, 0.5, 0.2, 3, 1, -1
    packed, _ = round_to_nearest(weights, "w2").packed.unpack()
    assert packed[0, :8].tolist() == [3, -3, 0, 0, 0, 3, 1, 0]


@pytest.mark.parametrize("kind", ["w2", "w4"])
def test_better_than_one_fixed_scale(kind):
    """The search beats the plain rule scale = largest/top level on heavy-tailed weights."""
    rng = np.random.default_rng(2)
    weights = rng.standard_t(3, (32, 256)).astype(np.float32)
    blocks = weights.reshape(32, 8, 32)
    scale = abs(blocks).max(-1, keepdims=True) / {"w2": 3, "w4": 7}[kind]
    ratio = blocks / scale
    if kind == "w4":
        plain = np.rint(ratio)
    else:
        order = np.argsort(-abs(ratio).reshape(32, 8, 8, 4), axis=-1, kind="stable").argsort(-1).reshape(ratio.shape)
        plain = np.where(order < 2, np.sign(ratio) * ((abs(ratio) > 0.5) + 2 * (abs(ratio) > 2)), 0)
    error = np.linalg.norm((plain * scale).reshape(32, 256) - weights) / np.linalg.norm(weights)
    assert relative_error(weights, round_to_nearest(weights, kind)) < 0.95 * error


@pytest.mark.parametrize("kind", ["w2", "w4", "w8"])
@settings(deadline=None, max_examples=30)
@given(st.integers(1, 5), st.integers(1, 70), st.floats(-45, 10), st.integers(0, 2**32 - 1))
def test_any_shape_and_magnitude(kind, rows, cols, exponent, seed):
    rng = np.random.default_rng(seed)
    weights = (rng.normal(size=(rows, cols)) * 10.0**exponent).astype(np.float32)
    weights[rng.random(rows) < 0.3] = 0
    matrix = round_to_nearest(weights, kind)
    assert matrix.packed.kind == kind and (matrix.packed.rows, matrix.packed.cols) == (rows, cols)
    assert not matrix.packed.unpack()[0][(weights == 0).all(1)].any()


@pytest.mark.parametrize("kind", ["w2", "w4"])
def test_importance_lowers_the_error_that_matters(kind):
    rng = np.random.default_rng(3)
    weights = rng.normal(size=(32, 256)).astype(np.float32)
    importance = rng.lognormal(sigma=3, size=256)
    errors = []
    for given_importance in (None, importance):
        matrix = round_to_nearest(weights, kind, given_importance)
        errors.append(((matrix.to_float() - weights) ** 2 @ importance).sum())
    assert errors[1] < 0.7 * errors[0]
