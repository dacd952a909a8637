"""Text comes out token by token, and never half a character."""

import pytest

from golden.errors import InputError
from myhdl_acc.cli.text_stream import TextStream, prompt_tokens


class Bytes:
    """A tokenizer whose tokens are the bytes of UTF-8."""

    def prompt(self, text):
        return list(text.encode())

    def decode(self, tokens):
        return bytes(tokens).decode(errors="replace")


def test_characters_of_several_tokens_wait(capsys):
    stream = TextStream(Bytes(), b"ab")
    printed = []
    for token in "c✓d".encode():
        stream.put(token)
        printed.append(capsys.readouterr().out)
    assert printed == ["c", "", "", "✓", "d"]
    assert stream.text == "c✓d"
    stream.close()
    assert capsys.readouterr().out == "\n"


def test_what_stays_unfinished_is_shown_at_the_end(capsys):
    stream = TextStream(Bytes(), b"a")
    stream.put("✓".encode()[0])
    stream.close()
    assert capsys.readouterr().out == "\N{REPLACEMENT CHARACTER}\n"


def test_silent(capsys):
    stream = TextStream(Bytes(), b"a", silent=True)
    stream.put(ord("b"))
    stream.close()
    assert capsys.readouterr().out == "" and stream.text == "b"


@pytest.mark.parametrize("prompt, message", [("", "the prompt is empty"), ("\udcff", "not valid UTF-8")])
def test_bad_prompts(prompt, message):
    with pytest.raises(InputError, match=message):
        prompt_tokens(Bytes(), prompt)
