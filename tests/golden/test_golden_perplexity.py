import numpy as np
import pytest

from golden.compress import compress
from golden.decoder import Decoder
from golden.errors import InputError
from golden.perplexity import perplexity, predictions
from golden.reference import FloatDecoder

# Lewis Carroll, Through the Looking-Glass, chapter 1 (public domain).
TEXT = """One thing was certain, that the white kitten had had nothing to do with it:—it was the black kitten’s fault
entirely. For the white kitten had been having its face washed by the old cat for the last quarter of an hour (and
bearing it pretty well, considering); so you see that it couldn’t have had any hand in the mischief.

The way Dinah washed her children’s faces was this: first she held the poor thing down by its ear with one paw, and
then with the other paw she rubbed its face all over, the wrong way, beginning at the nose: and just now, as I said,
she was hard at work on the white kitten, which was lying quite still and trying to purr—no doubt feeling that it was
all meant for its good."""


@pytest.fixture(scope="module")
def tokens(glassllm):
    return glassllm.tokenizer.encode(TEXT)


def test_float_against_the_definition(small_model):
    tokens = np.random.default_rng(0).integers(0, 11, 10)
    logits = FloatDecoder(small_model).feed(tokens).astype(float)
    logp = logits - np.log(np.exp(logits).sum(-1, keepdims=True))
    expected = np.exp(-np.mean([logp[i, tokens[i + 1]] for i in range(9)]))
    assert perplexity(small_model, tokens) == pytest.approx(expected, rel=1e-5)


def test_windows_start_afresh(small_model):
    """The model's context is 64: the second window's first token is given, not predicted."""
    tokens = np.random.default_rng(0).integers(0, 11, 65 + 20)
    first, second = perplexity(small_model, tokens[:64]), perplexity(small_model, tokens[64:])
    together = np.exp((63 * np.log(first) + 20 * np.log(second)) / 83)
    assert perplexity(small_model, tokens) == pytest.approx(together, rel=1e-5)
    assert perplexity(small_model, tokens[:65]) == pytest.approx(first, rel=1e-5)


def test_parts_of_a_stream(small_model):
    """One stream has no fresh start at the context's end, and its parts' means make up the whole."""
    tokens = np.random.default_rng(0).integers(0, 11, 2 * 64 + 11)
    found = predictions(small_model, tokens, stream=True)
    assert len(found.likelihood) == len(tokens) - 1
    parts = found.parts(50)
    assert len(parts) == 3
    mean = (50 * np.log(parts[0]) + 50 * np.log(parts[1]) + 38 * np.log(parts[2])) / 138
    assert found.perplexity == pytest.approx(np.exp(mean), rel=1e-9)
    logits = FloatDecoder(small_model, window=len(tokens)).feed(tokens[:-1])
    assert (found.best == logits.argmax(-1)).all()
    assert predictions(small_model, tokens, window=5, stream=True).perplexity != pytest.approx(found.perplexity)
    assert predictions(small_model, tokens).perplexity != pytest.approx(found.perplexity)


def test_a_stream_in_integers(small_model):
    """Blocks of 64 tokens give what the decoder gives one by one, far past the first eviction."""
    tokens = np.random.default_rng(1).integers(0, 11, 200)
    compressed = compress(small_model, "w8")
    found = predictions(compressed, tokens, sinks=2, window=9, stream=True)
    decoder = Decoder(compressed, sinks=2, window=9)
    logits = np.stack([decoder.step(token) for token in tokens[:-1]]) / 65536
    expected = np.log(np.exp(logits).sum(-1)) - logits[np.arange(199), tokens[1:]]
    assert found.likelihood == pytest.approx(expected, rel=1e-9)
    assert (found.best == logits.argmax(-1)).all()


def test_glassllm_loses_what_two_bits_cost(glassllm, glassllm_w2, tokens):
    """W2A8KV4 + 2:4 + Λ costs little on text the model was trained on."""
    done = []
    exact = perplexity(glassllm, tokens, progress=done.append)
    assert done[-1] == len(tokens)
    assert 20 < exact < 60
    compressed = perplexity(glassllm_w2, tokens, window=28)
    assert exact < compressed < 1.25 * exact


def test_too_short(small_model):
    for tokens in ([], [3]):
        with pytest.raises(InputError, match="at least two tokens"):
            perplexity(small_model, tokens)
