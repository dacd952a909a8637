"""A model without its weights: what its files say of it."""

from dataclasses import dataclass, field

from golden.draft_shapes import NO_SIZE, DraftSize
from golden.spec import ModelSpec


@dataclass(frozen=True)
class Outline:
    """``spec``; ``head_dim`` elements of a head before zeros made them a whole number of words: None where the file
    does not say. ``types``: {type of tensors in the file: their bytes}; none where there are no tensors.
    Of a compressed model these are its matrices' formats, and ``kinds`` {matrix: format} says which is in which.
    ``draft``: the same of its draft head, if it has one, of ``draft_size``.
    """

    spec: ModelSpec
    head_dim: int | None
    types: dict[str, int]
    kinds: dict[str, str] = field(default_factory=dict)
    draft: dict[str, str] = field(default_factory=dict)
    draft_size: DraftSize = NO_SIZE
