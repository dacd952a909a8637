"""The shape of a Llama-like decoder, and the names and shapes of its tensors."""

import dataclasses
import math
from dataclasses import dataclass

import numpy as np

from golden.errors import InputError, shown

LONGEST_CONTEXT = 1 << 30  #: tokens; no model has more, and no attention spans more
_LIMITS = {
    "vocab": 1 << 20,
    "dim": 1 << 13,
    "layers": 1 << 10,
    "heads": 1 << 10,
    "kv_heads": 1 << 10,
    "head_dim": 1 << 9,
    "ffn": 1 << 16,
    "context": LONGEST_CONTEXT,
}
LAYER_NORMS = ("attn_norm", "ffn_norm")  #: of each layer
HEAD_NORMS = {"q_norm": "attn_q", "k_norm": "attn_k"}  #: of every head of these products, one for all heads of a layer
BIASED = ("attn_q", "attn_k", "attn_v")  #: the products that may have a bias
_FACTORS = (0.0, 1e6)


@dataclass(frozen=True)
class ModelSpec:
    """Sizes and constants of a model. Raises InputError for values that no such model has.

    RoPE acts on interleaved pairs (2i, 2i+1) of each head; pair i turns by ``rope_base^(−2i/head_dim)`` radians a
    token, times its one of ``rope_factors``. Where attention spans more than ``rope_context`` tokens,
    ``long_rope_factors`` take their place (LongRoPE, arXiv 2402.13753). ``context`` is the longest context it was
    trained for.
    """

    name: str
    vocab: int
    dim: int
    layers: int
    heads: int
    kv_heads: int
    head_dim: int
    ffn: int
    context: int
    eps: float
    rope_base: float
    tied: bool  #: the head is the embedding
    window: int | None = None  #: tokens that attention was trained to span, if fewer than the context
    rope_factors: tuple = ()  #: of every pair's frequency; none: all 1. A pair with 0 does not turn
    long_rope_factors: tuple = ()
    rope_context: int = 0
    unrotated: tuple = ()  #: layers without RoPE
    biased: bool = False  #: the products BIASED have one
    head_norms: bool = False  #: RMSNorm of every query and key head, before RoPE
    family: str | None = None  #: of golden.llm.models.families; none where nobody said

    def __post_init__(self):
        if not isinstance(self.name, str) or not isinstance(self.tied, bool):
            raise InputError("model: name must be text and tied true or false")
        for field, limit in _LIMITS.items():
            value = getattr(self, field)
            if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= limit:
                raise InputError(f"model: {field} must be an integer from 1 to {limit}, not {shown(value)}")
        for field, low, high in (("eps", 0.0, 1.0), ("rope_base", 1.0, 1e12)):
            value = getattr(self, field)
            if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
                raise InputError(f"model: {field} must be a number from {low:g} to {high:g}, not {shown(value)}")
        if self.heads % self.kv_heads:
            raise InputError(f"model: {self.heads} heads are not a multiple of {self.kv_heads} key/value heads")
        if self.head_dim % 2:
            raise InputError(f"model: head_dim must be even for RoPE, not {self.head_dim}")
        self._check_variant()

    def _check_variant(self):
        """The fields that only some families use; lists (from JSON) become tuples."""
        for field in ("rope_factors", "long_rope_factors", "unrotated"):
            value = getattr(self, field)
            if not isinstance(value, list | tuple):
                raise InputError(f"model: {field} must be a list, not {shown(value)}")
            object.__setattr__(self, field, tuple(value))
        for field in ("rope_factors", "long_rope_factors"):
            factors = getattr(self, field)
            real = all(isinstance(f, int | float) and not isinstance(f, bool) for f in factors)
            low, high = _FACTORS
            if len(factors) not in (0, self.head_dim // 2) or not real or not all(low <= f <= high for f in factors):
                pairs = self.head_dim // 2
                raise InputError(f"model: {field} must be none, or {pairs} numbers from {low:g} to {high:g}")
        if not all(_integer(layer) and 0 <= layer < self.layers for layer in self.unrotated):
            raise InputError(f"model: unrotated must be numbers of the {self.layers} layers")
        if self.window is not None and not (_integer(self.window) and 1 <= self.window <= LONGEST_CONTEXT):
            raise InputError(f"model: window must be a positive integer or none, not {shown(self.window)}")
        if not _integer(self.rope_context) or not 0 <= self.rope_context <= LONGEST_CONTEXT:
            raise InputError(f"model: rope_context must be a number of tokens, not {shown(self.rope_context)}")
        if self.family is not None and not isinstance(self.family, str):
            raise InputError(f"model: family must be text or none, not {shown(self.family)}")
        if not isinstance(self.biased, bool) or not isinstance(self.head_norms, bool):
            raise InputError("model: biased and head_norms must be true or false")

    @classmethod
    def from_dict(cls, values):
        """The inverse of ``to_dict``. Raises InputError for missing, unknown or wrong values."""
        fields = dataclasses.fields(cls)
        needed = {field.name for field in fields if field.default is dataclasses.MISSING}
        names = [field.name for field in fields]
        if not isinstance(values, dict):
            raise InputError(f"model: a specification is an object that has the fields {', '.join(names)}")
        wrong = sorted((needed - set(values)) | (set(values) - set(names)))
        if wrong:
            checks = ", ".join(wrong)[:200]
            raise InputError(f"model: a specification has the fields {', '.join(names)}; check {checks}")
        return cls(**values)

    def to_dict(self):
        """All fields but those that most models lack and this one does, too."""
        fields = dataclasses.fields(self)
        return {f.name: getattr(self, f.name) for f in fields if getattr(self, f.name) != f.default}

    @property
    def group(self):
        """Query heads that share a key/value head."""
        return self.heads // self.kv_heads

    @property
    def matrices(self):
        """``{name: (rows, cols)}`` of every matrix, the embedding included; rows are output channels."""
        shapes = {"embedding": (self.vocab, self.dim)}
        for layer in range(self.layers):
            shapes |= {f"layers.{layer}.{name}": shape for name, shape in self.layer_matrices.items()}
        if not self.tied:
            shapes["head"] = (self.vocab, self.dim)
        return shapes

    @property
    def layer_matrices(self):
        """``{name: (rows, cols)}`` of a layer's matrices, the names without the layer."""
        queries, keys = self.heads * self.head_dim, self.kv_heads * self.head_dim
        return {
            "attn_q": (queries, self.dim),
            "attn_k": (keys, self.dim),
            "attn_v": (keys, self.dim),
            "attn_o": (self.dim, queries),
            "ffn_gate": (self.ffn, self.dim),
            "ffn_up": (self.ffn, self.dim),
            "ffn_down": (self.dim, self.ffn),
        }

    @property
    def layer_sizes(self):
        """``{name: weights}`` of the matrices of all layers."""
        shapes = {name: rows * cols for name, (rows, cols) in self.layer_matrices.items()}
        return {f"layers.{layer}.{name}": size for layer in range(self.layers) for name, size in shapes.items()}

    @property
    def layer_norms(self):
        """``{name: values}`` of a layer's RMSNorm weights, the names without the layer."""
        heads = dict.fromkeys(HEAD_NORMS, self.head_dim) if self.head_norms else {}
        return dict.fromkeys(LAYER_NORMS, self.dim) | heads

    @property
    def layer_biases(self):
        """``{name: values}`` of a layer's biases: that of product ``attn_q`` is ``attn_q_bias``."""
        return {f"{name}_bias": self.layer_matrices[name][0] for name in BIASED} if self.biased else {}

    @property
    def layer_parts(self):
        """Names of a layer's tensors without the layer: matrices, norms, biases."""
        return (*self.layer_matrices, *self.layer_norms, *self.layer_biases)

    @property
    def norms(self):
        """``{name: values}`` of all RMSNorm weights."""
        return self._of_layers(self.layer_norms) | {"final_norm": self.dim}

    @property
    def biases(self):
        """``{name: values}`` of all biases."""
        return self._of_layers(self.layer_biases)

    def _of_layers(self, sizes):
        return {f"layers.{layer}.{name}": size for layer in range(self.layers) for name, size in sizes.items()}

    @property
    def tensors(self):
        """``{name: shape}`` of all matrices, norms and biases."""
        return self.matrices | {name: (size,) for name, size in (self.norms | self.biases).items()}

    def frequencies(self, span):
        """Radians that each pair turns from one token to the next, (head_dim/2,) float64, where attention spans
        ``span`` tokens.
        """
        plain = self.rope_base ** (-np.arange(self.head_dim // 2) * 2.0 / self.head_dim)
        factors = self.long_rope_factors if self.long_rope_factors and span > self.rope_context else self.rope_factors
        return plain * factors if factors else plain

    @property
    def parameters(self):
        """Number of weights."""
        return sum(math.prod(shape) for shape in self.tensors.values())


def _integer(value):
    return isinstance(value, int) and not isinstance(value, bool)
