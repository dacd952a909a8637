"""Text comes out token by token, never half a character, and never the beginning of a stop text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from myhdl_acc.cli.text_stream import TextStream


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


def printed(stream, tokens, capsys):
    """What each of ``tokens`` lets ``stream`` print, and its end."""
    parts = []
    for token in tokens:
        stream.put(token)
        parts.append(capsys.readouterr().out)
    stream.close()
    return [*parts, capsys.readouterr().out]


def test_characters_of_several_tokens_wait(capsys):
    stream = TextStream(Bytes(), b"ab")
    assert printed(stream, "c✓d".encode(), capsys) == ["c", "", "", "✓", "d", "\n"]
    assert stream.text == "c✓d" and not stream.stopped


def test_what_stays_unfinished_is_shown_at_the_end(capsys):
    assert printed(TextStream(Bytes(), b"a"), "✓".encode()[:1], capsys) == ["", "\N{REPLACEMENT CHARACTER}\n"]


def test_silent(capsys):
    stream = TextStream(Bytes(), b"a", silent=True)
    assert printed(stream, b"b", capsys) == ["", ""] and stream.text == "b"


def test_spaces_between_words_stay(capsys):
    words = Words(" one", " two", "-", " three")
    assert printed(TextStream(words, [0]), [1, 2, 3, 3, 0], capsys) == [" two", "-", " three", " three", " one", "\n"]


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
    stream = TextStream(Bytes(), b"END", stops, silent=True)
    for token in text.encode():
        stream.put(token)
        if stream.stopped:
            break
    stream.close()
    assert stream.text == expected and stream.stopped == (expected != text)


def test_what_may_become_a_stop_text_waits(capsys):
    assert printed(TextStream(Bytes(), b"", ["abc"]), b"xababd", capsys) == ["x", "", "", "ab", "", "abd", "\n"]


@given(st.binary(max_size=20), st.binary(max_size=40))
def test_any_bytes_come_out_as_they_are_read_at_once(prompt, content):
    """Wherever the prompt's last tokens are cut."""
    prompt = prompt.decode(errors="ignore").encode()
    stream = TextStream(Bytes(), prompt, silent=True)
    for token in content:
        stream.put(token)
    stream.close()
    assert prompt.decode() + stream.text == (prompt + content).decode(errors="replace")
