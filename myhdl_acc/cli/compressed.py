"""Compressed models that are kept between runs."""

from golden.errors import InputError
from golden.files import digest
from golden.llm import container, models
from golden.llm.compress import compress
from golden.llm.models import embedded
from myhdl_acc.simulate.kept import keep, sources


def compressed(name, weights):
    """The AccModel of the model called ``name`` with matrices in format ``weights``; compressed once, then kept.

    Embedded models are compressed already, in ``w2``. Raises InputError for these in another format, as
    golden.llm.models.load() does, and if the cache cannot be written.
    """
    if name in embedded.NAMES:
        if weights != "w2":
            raise InputError(f"{name}: its weights are w2, and nothing else of it is here; not {weights}")
        return embedded.load(name)
    file = "model.acc"
    directory = keep(
        "model",
        [name, weights, digest(models.files(name)), *sources("golden")],
        lambda scratch: container.save(compress(models.load(name), kind=weights), scratch / file),
    )
    return container.load(directory / file)
