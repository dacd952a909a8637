"""What compression folds into tensors leaves every family's model what it is."""

import numpy as np
import pytest

from golden.decoder import Decoder
from golden.llm.compress import compress
from golden.llm.compress.calibrate import input_mean_squares
from golden.llm.compress.equalise import equalise
from golden.llm.compress.rotate import rotate
from golden.llm.float_decoder import FloatDecoder
from golden.llm.models import load
from golden.numerics import ONE
from tests.oracle import tiny_models


@pytest.fixture(scope="module", params=["qwen2", "qwen3", "smollm3", "granite-tied", "phi3-partial", "llama-head-80"])
def model(request, tmp_path_factory):
    return load(tiny_models.write_directory(request.param, tmp_path_factory.mktemp("hf") / request.param))


def logits(model):
    return FloatDecoder(model).feed(tiny_models.TOKENS)


def test_rotation(model):
    assert np.abs(logits(rotate(model)) - logits(model)).max() < 1e-3 * np.ptp(logits(model))


def test_equalisation(model):
    equalised, _ = equalise(model, input_mean_squares(model))
    assert np.abs(logits(equalised) - logits(model)).max() < 1e-3 * np.ptp(logits(model))


@pytest.mark.parametrize("rotated", [False, True])
def test_second_order(model, rotated):
    """Factors of keys move into queries, biases included; what is left is rounding to 8 bits, and keys of 4."""
    sequences = np.random.default_rng(1).integers(0, tiny_models.VOCAB, (8, 48))
    compressed = compress(model, "w8", method="gptq", rotated=rotated, sequences=sequences)
    found = Decoder(compressed, sinks=0, rows=64).feed(tiny_models.TOKENS, every=True) / ONE
    assert np.corrcoef(found.ravel(), logits(model).ravel())[0, 1] > 0.98
