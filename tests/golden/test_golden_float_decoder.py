import numpy as np
import pytest

from golden.decoder import Decoder
from golden.llm.compress import compress
from golden.llm.float_decoder import FloatDecoder


def test_agrees_with_the_packages_own_model(glassllm):
    """glassllm's own numpy implementation is the oracle."""
    package = pytest.importorskip("glassllm")
    theirs, tokenizer = package.load_pretrained("en")
    tokens = glassllm.tokenizer.encode("“Curiouser and curiouser!” cried Alice (she was so much surprised")
    assert tokens == tokenizer.encode("“Curiouser and curiouser!” cried Alice (she was so much surprised")
    expected = theirs.forward(tokens).data[0]
    decoder = FloatDecoder(glassllm)
    assert abs(decoder.feed(tokens) - expected).max() < 1e-3
    decoder.reset()
    cached = np.concatenate([decoder.feed(tokens[:3]), decoder.feed(tokens[3:4]), decoder.feed(tokens[4:])])
    assert abs(cached - expected).max() < 1e-3


def test_lambda_is_plain_attention_until_the_first_eviction(small_model):
    tokens = np.random.default_rng(0).integers(0, 11, 20)
    plain = FloatDecoder(small_model).feed(tokens)
    shaped = FloatDecoder(small_model, sinks=4, window=8).feed(tokens)
    assert abs(plain[:12] - shaped[:12]).max() < 1e-5 < abs(plain[12:] - shaped[12:]).max()


def test_weights_replace_tensors(small_model):
    zero = {name: np.zeros(shape, np.float32) for name, shape in small_model.spec.tensors.items() if name == "head"}
    assert not FloatDecoder(small_model, weights=zero).feed([1, 2]).any()


@pytest.mark.parametrize("rule", [{"sinks": 4, "window": None}, {"sinks": 3, "window": 9}])
def test_rounding_as_the_integer_decoder_does(glassllm, rule):
    """With the integer decoder's weights and roundings the float decoder comes nearer to it, though roundings differ
    in the last places and so in some levels."""
    tokens = glassllm.tokenizer.encode("“Curiouser and curiouser!” cried Alice (she was so much surprised")
    compressed = compress(glassllm, "w8")
    weights = {name: matrix.to_float() for name, matrix in compressed.matrices.items()}
    exact = Decoder(compressed, rows=64, **rule).feed(tokens, every=True) / 65536

    def error(**options):
        return abs(FloatDecoder(glassllm, weights=weights, **rule, **options).feed(tokens) - exact).mean()

    assert error(int8_activations=True, int4_cache=True) < 0.9 * error(int4_cache=True) < 0.7 * error()


def test_logits_of_the_last_token_alone(small_model):
    every = FloatDecoder(small_model).feed([1, 2, 3])
    assert FloatDecoder(small_model).feed([1, 2, 3], every=False) == pytest.approx(every[-1:], rel=1e-5)


def test_generate(glassllm):
    decoder = FloatDecoder(glassllm)
    prompt = glassllm.tokenizer.encode("Alice was beginning to")
    tokens = list(decoder.generate(prompt, 4))
    decoder.reset()
    assert tokens[0] == decoder.feed(prompt)[-1].argmax() and len(tokens) == 4
