"""A model as a file or a directory holds it, read but not yet interpreted."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from golden.llm.models.constants import Constants

LAYER = "layers.{}."  #: before the names of a layer's tensors


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """``shapes`` {tensor: shape} and ``stored`` {tensor: its name in the file} under the names of ModelSpec.tensors,
    and besides ``layers.N.attn_qkv`` and ``layers.N.ffn_gate_up`` where one tensor holds several. ``fetch(tensor)``
    reads one as float32. ``constants`` go by the names of `transformers`. ``unknown``: names in the file that mean
    nothing. ``types``: bytes of all tensors by their type in the file. ``interleaved``: RoPE's pairs are neighbours.
    Where there are constants alone, ``shapes`` is None.
    """

    path: str
    name: str
    family: str
    constants: Constants
    shapes: dict[str, tuple] | None
    stored: dict[str, str]
    unknown: list[str]
    types: dict[str, int]
    fetch: Callable[[str], np.ndarray]
    interleaved: bool
