"""The model of random weights that sizes are measured with loads, compresses and decodes like any other."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest

from golden.decoder import Decoder
from golden.errors import InputError
from golden.llm import models
from golden.llm.compress import compress
from golden.spec import ModelSpec

PATH = Path(__file__).parents[2] / "scripts" / "make_random_gguf.py"


@pytest.fixture(scope="module")
def random_gguf():
    spec = importlib.util.spec_from_file_location("make_random_gguf", PATH)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.random_gguf


def small(vocab=300, ffn=96):
    return ModelSpec("small", vocab, 64, 2, 2, 1, 32, ffn, 64, 1e-5, 1e4, False, family="llama")


def test_loads_and_decodes(random_gguf, tmp_path):
    random_gguf(small(), tmp_path / "small.gguf")
    model = models.load(tmp_path / "small.gguf")
    assert {**model.spec.to_dict(), "name": "small", "eps": 1e-5} == small().to_dict()
    for name, shape in model.spec.matrices.items():
        weights = model.tensor(name)
        assert weights.shape == shape and len(np.unique(weights)) > 500
    tokens = model.tokenizer.encode("Bäume")
    assert len(tokens) >= 6 and model.tokenizer.decode(tokens) == "Bäume"
    logits = Decoder(compress(model)).feed([1, *tokens])
    assert logits.shape == (1, 300) and len(np.unique(logits)) > 200


def test_the_same_bytes_every_time(random_gguf, tmp_path):
    for name in "ab":
        random_gguf(small(), tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


@pytest.mark.parametrize(
    ("spec", "message"), [(small(ffn=90), "not whole blocks of Q4_0"), (small(vocab=200), "no room for all bytes")]
)
def test_refusals(random_gguf, tmp_path, spec, message):
    with pytest.raises(InputError, match=message):
        random_gguf(spec, tmp_path / "x.gguf")
    assert not list(tmp_path.iterdir())
