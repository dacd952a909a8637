"""A decoder is fed what its cache does not hold, and its answers are those of one that begins afresh."""

import pytest
from synthetic import synthetic_model

from golden.decoder import Decoder
from golden.llm.cached_decoder import CachedDecoder

SIZES = {"vocab": 37, "dim": 64, "layers": 1, "heads": 2, "kv_heads": 1, "head_dim": 32, "ffn": 64, "context": 64}
MODEL = synthetic_model("w4", tied=True, **SIZES)
RULE = {"sinks": 2, "window": 10}


class Watched(Decoder):
    """A Decoder that remembers what it was fed since it last forgot, and fails at the token ``poison``."""

    poison = None

    def reset(self):
        super().reset()
        self.fed = []

    def feed(self, tokens, every=False):
        self.fed += tokens
        logits = super().feed(tokens, every)
        if self.poison in tokens:
            raise RuntimeError("poisoned")
        return logits


@pytest.fixture
def decoder():
    return Watched(MODEL, **RULE)


@pytest.fixture
def cached(decoder):
    return CachedDecoder(decoder)


def alone(prompt, count):
    return list(Decoder(MODEL, **RULE).generate(prompt, count))


@pytest.mark.parametrize("prompt", [[3, 1, 4], list(range(20))], ids=["within the window", "beyond it"])
def test_a_text_goes_on(cached, decoder, prompt):
    first = list(cached.generate(prompt, 4))
    longer = [*prompt, *first, 9]
    assert list(cached.generate(longer, 3)) == alone(longer, 3)
    assert cached.kept == len(prompt) + 3 and decoder.fed[: len(longer)] == longer


def test_a_text_that_was_left_goes_on(cached):
    """The token that was yielded last was not fed."""
    text = cached.generate([3, 1, 4], 9)
    two = [next(text), next(text)]
    text.close()
    longer = [3, 1, 4, *two]
    assert list(cached.generate(longer, 3)) == alone(longer, 3) and cached.kept == 4


@pytest.mark.parametrize("other", [[3, 1, 4], [3, 1], [3, 1, 5, 9, 9, 9], [1]])
def test_any_other_text_starts_afresh(cached, decoder, other):
    list(cached.generate([3, 1, 4], 1))
    assert list(cached.generate(other, 2)) == alone(other, 2)
    assert cached.kept == 0 and decoder.fed == [*other, alone(other, 1)[0]]


def test_what_failed_is_not_gone_on_with(cached, decoder):
    decoder.poison = 7
    with pytest.raises(RuntimeError):
        list(cached.generate([3, 7], 2))
    decoder.poison = None
    assert list(cached.generate([3, 7, 5], 2)) == alone([3, 7, 5], 2) and cached.kept == 0
