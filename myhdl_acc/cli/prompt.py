"""Where a prompt comes from, and what of it the model reads."""

import contextlib

import click

from golden.errors import InputError
from golden.llm.models.chat_template import chat_prompt
from myhdl_acc.cli.text_file import given_text, read_text


def given_prompt(prompt, file):
    """The text of the argument ``prompt``, or of the file ``file`` where that is given instead; ``-`` for either is
    standard input. One line end at the end of a file is no part of it. Raises UsageError unless there is one of them.
    """
    if (prompt is None) == (file is None):
        raise click.UsageError("give one of PROMPT (- for standard input) and --prompt-file")
    if prompt is not None and prompt != "-":
        return prompt
    return read_text(file or "-", newline="").removesuffix("\n").removesuffix("\r")


def prompt_tokens(tokenizer, text, chat=False, system=None):
    """Token numbers of a prompt ``text``; with ``chat`` of a conversation that it begins, ``system`` before it.

    Raises InputError for bytes that are no text, for an empty prompt of a model that expects nothing before texts, and
    what chat_prompt() refuses.
    """
    given_text(text, "prompt")
    if chat:
        return chat_prompt(tokenizer, [*beginning(system), {"role": "user", "content": text}])
    if system is not None:
        raise click.UsageError("--system is a part of a conversation: give --chat as well")
    tokens = tokenizer.prompt(text)
    if not tokens:
        raise InputError("the prompt is empty; it must have at least one token")
    return tokens


@contextlib.contextmanager
def naming(model):
    """Errors that speak of "the model" name its file."""
    try:
        yield
    except InputError as error:
        message = str(error)
        raise InputError(f"{model}: {message}" if message.startswith("the model") else message) from None


def beginning(system):
    """The messages of a conversation in which nobody has spoken."""
    if system is None:
        return []
    return [{"role": "system", "content": given_text(system, "system text")}]
