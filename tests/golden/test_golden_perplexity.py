import dataclasses

import numpy as np
import pytest

from golden.decoder import Decoder
from golden.errors import InputError
from golden.llm.compress import compress
from golden.llm.float_decoder import FloatDecoder
from golden.llm.models.tokenizer import TextRules
from golden.llm.perplexity import Predictions, perplexity, predictions

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


def with_rules(model, **changes):
    """``model`` whose tokenizer and specification say so."""
    tokenizer = model.tokenizer.with_rules(TextRules(before=changes.pop("before", ())))
    return dataclasses.replace(model, tokenizer=tokenizer, spec=dataclasses.replace(model.spec, **changes))


def test_what_the_model_expects_comes_before_every_window(small_model):
    """Two windows of 64 − 2 tokens, each after tokens 5 and 7; a window's first token is still not predicted."""
    tokens = np.random.default_rng(3).integers(0, 11, 80)
    found = predictions(with_rules(small_model, before=(5, 7)), tokens)
    likelihood = []
    for part in (tokens[:62], tokens[62:]):
        logits = FloatDecoder(small_model).feed([5, 7, *part]).astype(float)[2:-1]
        likelihood.append(np.log(np.exp(logits).sum(-1)) - logits[np.arange(len(part) - 1), part[1:]])
    assert found.likelihood == pytest.approx(np.concatenate(likelihood), rel=1e-5)
    stream = predictions(with_rules(small_model, before=(5, 7)), tokens, stream=True)
    assert len(stream.likelihood) == 79


def test_no_room(small_model):
    tokens = [1, 2, 3]
    assert perplexity(with_rules(small_model, context=2), tokens) > 1
    for model in (with_rules(small_model, context=1), with_rules(small_model, context=3, before=(4, 5))):
        with pytest.raises(InputError, match=r"a context of . has no room"):
            perplexity(model, tokens)


def test_windows_turn_by_what_they_span(small_model):
    """LongRoPE: a window of 64 tokens takes the short factors however long the context is."""
    changes = {"long_rope_factors": (0.1, 0.2, 0.3), "rope_context": 64}
    tokens = np.random.default_rng(4).integers(0, 11, 64)
    long = with_rules(small_model, context=4096, **changes)
    assert perplexity(long, tokens) == perplexity(small_model, tokens)
    assert perplexity(long, np.tile(tokens, 2)) != perplexity(with_rules(small_model, context=4096), np.tile(tokens, 2))
    assert perplexity(compress(long, "w8"), tokens) == perplexity(compress(small_model, "w8"), tokens)


@pytest.mark.parametrize("mean, message", [(1200.0, "1200 nats a token"), (np.nan, "nan nats a token")])
def test_beyond_every_number(mean, message):
    found = Predictions(np.array([1.0, mean, mean]), np.zeros(3, np.int64))
    with pytest.raises(InputError, match="does not predict this text at all"):
        _ = found.perplexity
    with pytest.raises(InputError, match=message):
        found.parts(1)
    assert Predictions(found.likelihood[:1], found.best[:1]).perplexity == np.e
