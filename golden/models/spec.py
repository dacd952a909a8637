"""The shape of a Llama-like decoder, and the names and shapes of its tensors."""

import dataclasses
import math
from dataclasses import dataclass

from golden.errors import InputError

_LIMITS = {
    "vocab": 1 << 20,
    "dim": 1 << 13,
    "layers": 1 << 10,
    "heads": 1 << 10,
    "kv_heads": 1 << 10,
    "head_dim": 1 << 9,
    "ffn": 1 << 16,
    "context": 1 << 30,
}
LAYER_NORMS = ("attn_norm", "ffn_norm")  #: of each layer


@dataclass(frozen=True)
class ModelSpec:
    """Sizes and constants of a model. Raises InputError for values that no such model has.

    RoPE acts on interleaved pairs (2i, 2i+1) of each head. ``context`` is the longest context it was trained for.
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

    def __post_init__(self):
        if not isinstance(self.name, str) or not isinstance(self.tied, bool):
            raise InputError("model: name must be text and tied true or false")
        for field, limit in _LIMITS.items():
            value = getattr(self, field)
            if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= limit:
                raise InputError(f"model: {field} must be an integer from 1 to {limit}, not {value!r}")
        for field, low, high in (("eps", 0.0, 1.0), ("rope_base", 1.0, 1e12)):
            value = getattr(self, field)
            if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
                raise InputError(f"model: {field} must be a number from {low:g} to {high:g}, not {value!r}")
        if self.heads % self.kv_heads:
            raise InputError(f"model: {self.heads} heads are not a multiple of {self.kv_heads} key/value heads")
        if self.head_dim % 2:
            raise InputError(f"model: head_dim must be even for RoPE, not {self.head_dim}")

    @classmethod
    def from_dict(cls, values):
        """The inverse of ``dataclasses.asdict``. Raises InputError for missing, unknown or wrong values."""
        names = [field.name for field in dataclasses.fields(cls)]
        if not isinstance(values, dict) or set(values) != set(names):
            raise InputError(f"model: a specification has exactly the fields {', '.join(names)}")
        return cls(**values)

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
    def norms(self):
        """Names of the RMSNorm weights, each of ``dim`` values."""
        per_layer = [f"layers.{layer}.{name}" for layer in range(self.layers) for name in LAYER_NORMS]
        return [*per_layer, "final_norm"]

    @property
    def tensors(self):
        """``{name: shape}`` of all matrices and norms."""
        return self.matrices | {name: (self.dim,) for name in self.norms}

    @property
    def parameters(self):
        """Number of weights."""
        return sum(math.prod(shape) for shape in self.tensors.values())
