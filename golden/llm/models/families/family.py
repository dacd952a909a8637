"""What a family of decoders is."""

from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Variant:
    """How a model of a family differs from a Llama: ``scale`` of q·k (None: 1/√head_dim), factors of the ``embedding``,
    of what every layer adds to the hidden state (``residual``) and of the ``logits``, and the ``unrotated`` layers,
    which have no RoPE.
    """

    scale: float | None = None
    embedding: float = 1.0
    residual: float = 1.0
    logits: float = 1.0
    unrotated: tuple = ()


@dataclass(frozen=True)
class Family:
    """``name`` in the files. ``variant(constants, layers)`` takes the family's own constants.

    ``interleaved``: its GGUF files hold queries and keys with RoPE's pairs as neighbours (2i, 2i+1), as llama.cpp's
    converter permutes them; others, like all of `transformers`, have pair i at i and half a head further. ``fused``:
    one tensor holds q, k and v, another gate and up. ``head_norms``: queries and keys are normed by heads.
    ``window_switch``: a window counts only with ``use_sliding_window``. ``biased`` and ``tied`` say what there is where
    neither tensors nor constants do: biases of queries, keys and values, and no head besides the embedding.

    `transformers` gives the window to every layer if ``windowed``, turns a part of every head if ``partial``, and takes
    ``defaults`` for what config.json lacks.
    """

    name: str
    variant: Callable = lambda constants, layers: Variant()
    interleaved: bool = False
    fused: bool = False
    head_norms: bool = False
    window_switch: bool = False
    biased: bool = False
    tied: bool = False
    windowed: bool = False
    partial: bool = False
    defaults: dict = field(default_factory=dict)
