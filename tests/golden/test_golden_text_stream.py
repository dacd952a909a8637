"""Text comes out token by token, never half a character, and never the beginning of a stop text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from golden.llm.text_stream import TextStream


class Bytes:
    """A tokenizer whose tokens are the bytes of UTF-8."""

    def decode(self, tokens):
        return bytes(tokens).decode(errors="replace")


class Words:
    """A tokenizer whose tokens are words with the space before them, which the first one of a text loses."""

    def __init__(self, *words):
        self._words = words

    def decode(self, tokens):
        return "".join(self._words[token] for token in tokens).removeprefix(" ")


def parts(stream, tokens):
    """What each of ``tokens`` adds to the text of ``stream``, and its end."""
    return [*map(stream.put, tokens), stream.close()]


def test_characters_of_several_tokens_wait():
    stream = TextStream(Bytes(), b"ab")
    assert parts(stream, "c✓d".encode()) == ["c", "", "", "✓", "d", ""]
    assert stream.text == "c✓d" and not stream.stopped


def test_what_stays_unfinished_is_shown_at_the_end():
    assert parts(TextStream(Bytes(), b"a"), "✓".encode()[:1]) == ["", "\N{REPLACEMENT CHARACTER}"]


def test_spaces_between_words_stay():
    words = Words(" one", " two", "-", " three")
    assert parts(TextStream(words, [0]), [1, 2, 3, 3, 0]) == [" two", "-", " three", " three", " one", ""]


@pytest.mark.parametrize(
    "stops, text, expected",
    [
        (["END"], "a END b", "a "),
        (["END", "\n\n"], "x\n\nEND", "x"),
        (["END", "EN"], "a ENDS", "a "),
        (["aab"], "aaaab", "aa"),
        (["✓✓"], "1✓2✓✓3", "1✓2"),
        (["zz", "END"], "a EN", "a EN"),
    ],
)
def test_stops(stops, text, expected):
    stream = TextStream(Bytes(), b"END", stops)
    for token in text.encode():
        stream.put(token)
        if stream.stopped:
            break
    stream.close()
    assert stream.text == expected and stream.stopped == (expected != text)


def test_what_may_become_a_stop_text_waits():
    assert parts(TextStream(Bytes(), b"", ["abc"]), b"xababd") == ["x", "", "", "ab", "", "abd", ""]


def test_a_long_stop_text_costs_no_more_than_what_waits():
    """Only so much of it as there is text can have begun: without that, a token takes minutes here."""
    stream = TextStream(Bytes(), b"", ["a" * 500_000])
    assert parts(stream, b"aab" * 50) == ["", "", "aab"] * 50 + [""]


@given(st.binary(max_size=20), st.binary(max_size=40))
def test_any_bytes_come_out_as_they_are_read_at_once(prompt, content):
    """Wherever the prompt's last tokens are cut."""
    prompt = prompt.decode(errors="ignore").encode()
    stream = TextStream(Bytes(), prompt)
    for token in content:
        stream.put(token)
    stream.close()
    assert prompt.decode() + stream.text == (prompt + content).decode(errors="replace")
