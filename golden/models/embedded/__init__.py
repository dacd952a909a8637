"""Compressed models that come with the source: trained here, ready to decode (README.md is their card)."""

import os

from golden.errors import InputError

NAMES = ("austen",)


def load(model="austen"):
    """The AccModel called ``model``, or that in the ``.acc`` file ``model``.

    Raises InputError if there is neither, and what golden.container.load() refuses.
    """
    from golden import container  # which itself needs golden.models

    path = os.fspath(model)
    if path in NAMES:
        path = os.path.join(os.path.dirname(__file__), f"{path}.acc")
    elif not path.endswith(".acc") and not os.path.exists(path):
        raise InputError(f"{model}: not a compressed model; give {', '.join(NAMES)} or an .acc file")
    return container.load(path)
