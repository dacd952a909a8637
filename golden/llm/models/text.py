"""The tokenizer of any model, without its weights."""

import os

from golden.llm.models import embedded
from golden.llm.models.catalogue import locate
from golden.llm.models.gguf_file import GgufFile
from golden.llm.models.gguf_tokenizer import gguf_tokenizer
from golden.llm.models.hf_tokenizer import hf_tokenizer
from golden.llm.models.npz import npz_tokenizer


def load_tokenizer(model):
    """The Tokenizer of ``model``: a name, an ``.acc``, ``.gguf`` or ``.npz`` file, or a directory. No tensor is read.

    Raises InputError for what is unknown, missing or malformed.
    """
    from golden.llm import container

    path = os.fspath(model)
    if embedded.is_compressed(path):
        return container.load_tokenizer(embedded.locate(path))
    if os.path.isdir(path):
        return hf_tokenizer(path)
    path = locate(path)
    return gguf_tokenizer(path, GgufFile(path).metadata) if path.lower().endswith(".gguf") else npz_tokenizer(path)
