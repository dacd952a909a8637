"""Compressed models that are kept between runs."""

import hashlib

from golden import container, models
from golden.compress import compress
from myhdl_acc.kept import keep, sources


def compressed(name, weights):
    """The AccModel of the model called ``name`` with matrices in format ``weights``; compressed once, then kept.

    Raises InputError as golden.models.load() does, and if the cache cannot be written.
    """
    with open(models.locate(name), "rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    file = "model.acc"
    directory = keep(
        "model",
        [name, weights, digest, *sources("golden")],
        lambda scratch: container.save(compress(models.load(name), kind=weights), scratch / file),
    )
    return container.load(directory / file)
