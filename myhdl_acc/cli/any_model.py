"""Models of commands that take both kinds."""

from golden.llm import models
from golden.llm.models import embedded


def load(model):
    """The AccModel of an ``.acc`` file or an embedded model, the FloatModel of anything else. Raises InputError."""
    if embedded.is_compressed(model):
        return embedded.load(model)
    return models.load(model)
