"""Compressed models that come with the source: trained here, ready to decode (README.md is their card)."""

import os

from golden.errors import InputError

NAMES = ("austen",)


def is_compressed(model):
    """Whether ``model`` is one of NAMES or called like an ``.acc`` file, be there such a file or not."""
    path = os.fspath(model)
    return path in NAMES or path.lower().endswith(".acc")


def load(model="austen"):
    """The AccModel called ``model``, or that in the ``.acc`` file ``model``.

    Raises InputError if there is neither, and what golden.llm.container.load() refuses.
    """
    from golden.llm import container

    return container.load(locate(model))


def locate(model):
    """The path of the file that ``load(model)`` reads. Raises InputError if ``model`` is neither a name nor a file."""
    path = os.fspath(model)
    if path in NAMES:
        return os.path.join(os.path.dirname(__file__), f"{path}.acc")
    if not is_compressed(path) and not _may_be_compressed(path):
        names = ", ".join(NAMES)
        raise InputError(f"{model}: not a compressed model; give {names} or an .acc file, as myhdl-acc compress makes")
    return path


def _may_be_compressed(path):
    try:
        with open(path, "rb") as file:
            return file.read(4) != b"GGUF"
    except OSError:  # not there, or a directory; what cannot be read says so later
        return os.path.isfile(path)
