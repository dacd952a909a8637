"""Models of every family, from both formats, against `transformers` (tests/oracle/logits.npz)."""

import numpy as np
import pytest

from golden.decoder import Decoder
from golden.llm.compress import compress
from golden.llm.float_decoder import FloatDecoder
from golden.llm.models import load
from golden.numerics import ONE
from tests.oracle import tiny_models

EXPECTED = np.load(tiny_models.LOGITS)


@pytest.fixture(scope="module", params=tiny_models.VARIANTS)
def variant(request):
    return request.param


@pytest.fixture(scope="module")
def directory(variant, tmp_path_factory):
    return tiny_models.write_directory(variant, tmp_path_factory.mktemp("hf") / variant)


def logits(model):
    """After the tokens whose logits are kept; attention spans the tokens there are, as in `transformers`."""
    window = model.spec.window or len(tiny_models.TOKENS)
    return FloatDecoder(model, window=window).feed(tiny_models.TOKENS)[tiny_models.SHOWN]


def assert_agrees(found, variant):
    expected = EXPECTED[variant]
    assert np.abs(found - expected).max() < 1e-3 * np.ptp(expected)


def test_directory(variant, directory):
    assert_agrees(logits(load(directory)), variant)


def test_gguf(variant, tmp_path):
    assert_agrees(logits(load(tiny_models.write_gguf(variant, tmp_path / "model.gguf"))), variant)


def test_integers_follow_floats(variant, directory):
    """The integer decoder in 8 bits, against floats that are rounded where it rounds."""
    model = load(directory)
    options = {"sinks": 0, "window": model.spec.window or len(tiny_models.TOKENS)}
    compressed = compress(model, "w8", method="nearest")
    found = Decoder(compressed, rows=64, **options).feed(tiny_models.TOKENS, every=True) / ONE
    weights = {name: matrix.to_float() for name, matrix in compressed.matrices.items()}
    rounded = FloatDecoder(model, weights=weights, int8_activations=True, int4_cache=True, **options)
    expected = rounded.feed(tiny_models.TOKENS)
    agreed = (found.argmax(-1)[tiny_models.SHOWN] == EXPECTED[variant].argmax(-1)).mean()
    print(f"{variant}: the most likely token is that of transformers at {agreed:.0%} of positions")
    assert np.corrcoef(found.ravel(), expected.ravel())[0, 1] > 0.99


def test_both_formats_are_one_model(variant, directory, tmp_path):
    one, other = load(directory), load(tiny_models.write_gguf(variant, tmp_path / "model.gguf"))
    for name in one.spec.tensors:
        assert np.allclose(one.tensor(name), other.tensor(name), rtol=1e-6, atol=1e-7)
