"""A text ends with its last token, an end token or a stop text, and says what it cost."""

import pytest

from golden.llm.decoding import Decoding
from golden.llm.text_stream import TextStream
from golden.units.sampling import Sampling


class Letters:
    """A tokenizer whose tokens are ASCII."""

    def decode(self, tokens):
        return bytes(tokens).decode()


class Scripted:
    """A decoder that says ``text``: the first token takes 100 cycles, each other one 10."""

    def __init__(self, text):
        self._text = text
        self.cycles = 0
        self.given = self.closed = None

    def generate(self, prompt, count, choose, sampling, ends, ahead):
        self.given = prompt, count, choose, sampling, ends, ahead
        self.cycles += 90
        try:
            for token in self._text.encode()[:count]:
                self.cycles += 10
                yield token
        finally:
            self.closed = True


class NoClock:
    cycles = None


def decoded(text, count, stops=(), clock=None, **parameters):
    """``(parts, Decoding)`` of what says ``text``."""
    decoder = Scripted(text)
    decoding = Decoding(decoder, clock or decoder, b"ab", count, TextStream(Letters(), b"ab", stops), **parameters)
    return list(decoding), decoding


@pytest.mark.parametrize(
    ("count", "stops", "end", "parts", "stopped"),
    [
        (3, [], [], ["o", "n", "e"], "count"),
        (9, [], b"w ", ["o", "n", "e", ""], "end"),
        (9, ["e t"], [], ["o", "n", "", "", ""], "stop"),
        (4, ["e t"], [], ["o", "n", "", "e "], "count"),
        (5, ["e t"], [], ["o", "n", "", "", ""], "stop"),
        (4, ["e t"], b" ", ["o", "n", "", "e"], "end"),
    ],
)
def test_where_it_ends(count, stops, end, parts, stopped):
    found, decoding = decoded("one two", count, stops, end=tuple(end))
    assert found == parts and decoding.stopped == stopped
    assert bytes(decoding.tokens) == b"one two"[: len(parts)] and decoding.decoder.closed


def test_what_a_decoder_is_told():
    """With a stop text it must not go ahead: it cannot know when that comes."""
    sampling = Sampling.of(1, seed=3)
    assert decoded("one", 2, end=(5,), sampling=sampling)[1].decoder.given == (b"ab", 2, None, sampling, (5,), True)
    assert decoded("one", 2, ["x"], choose=max)[1].decoder.given[2:] == (max, Sampling(), (), False)


def test_cycles():
    _, decoding = decoded("one two", 4)
    assert decoding.prompt_cycles == 100 and decoding.token_cycles == [10] * 3
    assert decoding.cycles_per_token == 10
    assert decoded("one two", 1)[1].cycles_per_token == 50


def test_without_a_clock():
    _, decoding = decoded("one two", 4, clock=NoClock())
    assert decoding.prompt_cycles is decoding.cycles_per_token is None and decoding.token_cycles == []


def test_who_leaves_leaves_the_decoder_as_well():
    decoder = Scripted("one")
    parts = iter(Decoding(decoder, decoder, b"ab", 3, TextStream(Letters(), b"ab")))
    assert next(parts) == "o" and not decoder.closed
    parts.close()
    assert decoder.closed
