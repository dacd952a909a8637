"""Texts that users give."""

from golden.errors import InputError

#: Characters of the longest text: an endless file would take all memory.
LONGEST = 1 << 28


def read_text(path, newline=None):
    """The text in the file ``path``, ``-`` for the standard input; ``newline`` as open() takes it.

    Raises InputError where it cannot be read, is not UTF-8 or has more than LONGEST characters.
    """
    name = "standard input" if path == "-" else path
    try:
        with open(0 if path == "-" else path, encoding="utf-8", newline=newline, closefd=path != "-") as file:
            text = file.read(LONGEST + 1)
    except OSError as error:
        raise InputError(f"cannot read {name}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise InputError(f"{name}: not a text in UTF-8") from None
    if len(text) > LONGEST:
        raise InputError(f"{name}: more than {LONGEST:,} characters")
    return text


def given_text(text, name):
    """``text`` of the command line, where it is the ``name``. Raises InputError for bytes that are no text."""
    try:
        text.encode()
    except UnicodeEncodeError:
        raise InputError(f"the {name} is not valid UTF-8") from None
    return text
