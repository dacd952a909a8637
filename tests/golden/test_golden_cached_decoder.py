"""A decoder is fed what its cache does not hold, and its answers are those of one that begins afresh."""

import pytest
from synthetic import synthetic_model

from golden.decoder import Decoder
from golden.llm.cached_decoder import CachedDecoder
from golden.units.sampling import GREEDY

SIZES = {"vocab": 37, "dim": 64, "layers": 1, "heads": 2, "kv_heads": 1, "head_dim": 32, "ffn": 64, "context": 64}
MODEL = synthetic_model("w4", tied=False, **SIZES)
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


class Ahead(Watched):
    """One that has fed all tokens before it gives the first, as an accelerator may."""

    def generate(self, prompt, count, choose=None, sampling=GREEDY, ends=(), ahead=True):
        tokens = super().generate(prompt, count, choose, sampling, ends)
        yield from list(tokens) if ahead else tokens


@pytest.fixture(params=[Watched, Ahead])
def decoder(request):
    return request.param(MODEL, **RULE)


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


def test_a_text_goes_on_behind_its_end_token(cached, decoder):
    tokens = alone([3, 1, 4], 9)
    at = max(n for n in range(1, 8) if tokens[n] not in tokens[:n])
    first = list(cached.generate([3, 1, 4], 9, ends=(36, tokens[at])))
    assert first == tokens[: at + 1]
    longer = [3, 1, 4, *first, 9]
    assert list(cached.generate(longer, 3)) == alone(longer, 3)
    assert cached.kept == 3 + at and decoder.fed[: len(longer)] == longer


def left_after_two(cached, **parameters):
    """A text that was left after two tokens, with these."""
    text = cached.generate([3, 1, 4], 9, **parameters)
    two = [next(text), next(text)]
    text.close()
    return [3, 1, 4, *two]


def test_a_text_that_was_left_goes_on(cached):
    """If nothing was fed ahead: the token that was yielded last was not fed."""
    longer = left_after_two(cached, ahead=False)
    assert list(cached.generate(longer, 3)) == alone(longer, 3) and cached.kept == 4


def test_a_text_that_was_left_may_have_gone_ahead(cached):
    """Nobody knows what the cache holds."""
    longer = left_after_two(cached)
    assert list(cached.generate(longer, 3)) == alone(longer, 3) and cached.kept == 0


@pytest.mark.parametrize("other", [[3, 1, 4], [3, 1], [3, 1, 5, 9, 9, 9], [1]])
def test_any_other_text_starts_afresh(cached, decoder, other):
    list(cached.generate([3, 1, 4], 1))
    assert list(cached.generate(other, 2)) == alone(other, 2)
    assert cached.kept == 0 and decoder.fed == [*other, alone(other, 1)[0]]


def test_who_leaves_leaves_the_decoder_as_well(cached, decoder, monkeypatch):
    """At once, and hears what goes wrong then."""

    def generate(*_):
        try:
            yield 5
        finally:
            raise RuntimeError("stuck")

    monkeypatch.setattr(decoder, "generate", generate)
    text = cached.generate([3], 9)
    next(text)
    with pytest.raises(RuntimeError, match="stuck"):
        text.close()


def test_a_prompt_alone_is_fed(cached, decoder):
    assert list(cached.generate([3, 1], 0)) == [] and decoder.fed == [3, 1]


def test_what_failed_is_not_gone_on_with(cached, decoder):
    decoder.poison = 7
    with pytest.raises(RuntimeError):
        list(cached.generate([3, 7], 2))
    decoder.poison = None
    assert list(cached.generate([3, 7, 5], 2)) == alone([3, 7, 5], 2) and cached.kept == 0
