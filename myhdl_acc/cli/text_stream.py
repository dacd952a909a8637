"""Text as its tokens come."""

import click

from golden.errors import InputError
from myhdl_acc.cli.text_file import given_text

_UNFINISHED = "\N{REPLACEMENT CHARACTER}"


class TextStream:
    """Prints the text of tokens one by one; a character whose bytes are spread over several tokens waits for the
    last."""

    def __init__(self, tokenizer, prompt, silent=False):
        self._tokenizer, self._silent = tokenizer, silent
        self._tokens = list(prompt)
        self._shown = len(tokenizer.decode(self._tokens))
        self._start = self._shown

    @property
    def text(self):
        """The text of the tokens that were put."""
        return self._tokenizer.decode(self._tokens)[self._start :]

    def put(self, token):
        """Show one more token."""
        self._tokens.append(token)
        text = self._tokenizer.decode(self._tokens)
        if not text.endswith(_UNFINISHED):
            self._show(text)

    def close(self):
        """Show what is left and end the line."""
        self._show(self._tokenizer.decode(self._tokens))
        if not self._silent:
            click.echo()

    def _show(self, text):
        if not self._silent:
            click.echo(text[self._shown :], nl=False)
        self._shown = max(self._shown, len(text))


def prompt_tokens(tokenizer, prompt):
    """Token numbers of a prompt that came from the command line. Raises InputError for bytes that are no text."""
    tokens = tokenizer.prompt(given_text(prompt, "prompt"))
    if not tokens:
        raise InputError("the prompt is empty; it must have at least one token")
    return tokens
