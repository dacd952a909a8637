import numpy as np
import pytest

from golden.llm.compress.rotate import rotate, rotation
from golden.llm.float_decoder import FloatDecoder
from golden.llm.models.float_model import FloatModel


@pytest.mark.parametrize("size", [1, 2, 6, 32, 36, 64, 128, 576])
def test_rotation(size):
    matrix = rotation(size)
    assert np.allclose(matrix @ matrix.T, np.eye(size), atol=1e-12)
    assert (matrix == rotation(size)).all()
    odd = size // (size & -size)
    assert abs(matrix).max() <= np.sqrt(2 / odd if odd > 1 else 1) / np.sqrt(size // odd) + 1e-12


@pytest.mark.parametrize("name", ["small_model", "glassllm"])
def test_computes_the_same(name, request):
    model = request.getfixturevalue(name)
    turned = rotate(model)
    tokens = np.arange(3, 11)
    before, after = FloatDecoder(model).feed(tokens), FloatDecoder(turned).feed(tokens)
    assert abs(before - after).max() < 1e-5 * abs(before).max()
    assert not turned.spec.tied
    changed = set(model.spec.matrices) - {"head"}
    assert all(not np.allclose(model.tensor(name), turned.tensor(name), rtol=0.1) for name in changed)
    assert all((turned.tensor(name) == 1).all() for name in turned.spec.norms)


def test_outliers_are_spread(small_model):
    """One element of the residual stream is ten times as large as the others: after the rotation, none stands out."""

    def fetch(name):
        tensor = small_model.tensor(name)
        return tensor * np.where(np.arange(36) == 5, 10, 1) if name == "embedding" else tensor

    def peaks(model):
        seen = []
        decoder = FloatDecoder(model, observe=lambda name, x: seen.append(x) if name == "layers.0.attn_q" else None)
        decoder.feed(np.arange(11))
        return np.mean(np.abs(seen[0]).max(-1) / np.sqrt(np.square(seen[0]).mean(-1)))

    model = FloatModel(small_model.spec, small_model.tokenizer, fetch)
    assert peaks(rotate(model)) < 0.6 * peaks(model)
