"""A model as a file or a directory holds it, read but not yet interpreted."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from golden.models.constants import Constants
from golden.models.tokenizer import Tokenizer

LAYER = "layers.{}."  #: before the names of a layer's tensors


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """``shapes`` {tensor: shape} and ``stored`` {tensor: its name in the file} under the names of ModelSpec.tensors,
    and besides ``layers.N.attn_qkv`` and ``layers.N.ffn_gate_up`` where one tensor holds several. ``fetch(tensor)``
    reads one as float32. ``constants`` go by the names of `transformers`. ``unknown``: names in the file that mean
    nothing. ``interleaved``: RoPE's pairs are neighbours.
    """

    path: str
    name: str
    family: str
    constants: Constants
    shapes: dict[str, tuple]
    stored: dict[str, str]
    unknown: list[str]
    fetch: Callable[[str], np.ndarray]
    interleaved: bool
    tokenizer: Tokenizer
