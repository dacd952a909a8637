"""A model as its file has it: floating-point tensors, fetched one at a time."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from golden.errors import InputError
from golden.llm.models.tokenizer import Tokenizer
from golden.spec import ModelSpec


@dataclass(frozen=True, eq=False)
class FloatModel:
    """``fetch(name)`` reads a tensor of ``spec.tensors`` from the file; nothing is kept, so memory stays bounded."""

    spec: ModelSpec
    tokenizer: Tokenizer
    fetch: Callable[[str], np.ndarray]
    source: str = "model"  #: the file, for messages

    def __post_init__(self):
        if self.tokenizer.size > self.spec.vocab:
            raise InputError(
                f"{self.source}: the tokenizer has {self.tokenizer.size} tokens, the embedding {self.spec.vocab}"
            )

    def tensor(self, name):
        """Tensor ``name`` as float32, matrices as (output channels, inputs). Raises InputError for NaN or infinity."""
        values = np.ascontiguousarray(self.fetch(name), dtype=np.float32)
        if values.shape != self.spec.tensors[name]:
            raise InputError(
                f"{self.source}: tensor {name} has shape {values.shape}, it should be {self.spec.tensors[name]}"
            )
        if not np.isfinite(values).all():
            raise InputError(f"{self.source}: tensor {name} holds values that are not finite")
        return values

    @property
    def head(self):
        """Name of the tensor that gives the logits."""
        return "embedding" if self.spec.tied else "head"
