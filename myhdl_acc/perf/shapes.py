"""Models that are measured by their shape: their sizes, and the formats that their matrices are in."""

from dataclasses import dataclass
from types import SimpleNamespace

from golden.errors import InputError
from golden.formats.matrix import PHASES
from golden.models.spec import ModelSpec


@dataclass(frozen=True)
class Shape:
    """``spec`` ModelSpec with every matrix in ``weights``, the head in ``head`` (w2, w4 or w8)."""

    spec: ModelSpec
    weights: str
    head: str

    @property
    def matrices(self):
        """What a compiler asks of a model's matrices: their formats."""
        kinds = {name: self.weights for name in self.spec.matrices}
        kinds["embedding"] = kinds["embedding" if self.spec.tied else "head"] = self.head
        return {name: SimpleNamespace(packed=SimpleNamespace(kind=kind)) for name, kind in kinds.items()}

    @property
    def norms(self):
        """What a compiler asks of a model's norms."""
        return {name: SimpleNamespace(exponent=12, eps=0) for name in self.spec.norms}

    @property
    def weight_bytes(self):
        """Bytes of the atoms, block scales and biases that a decoded token reads."""
        bits = {"w2": 2.0, "w4": 4.25, "w8": 8.0}
        read = {name: kind.packed.kind for name, kind in self.matrices.items() if name != "embedding" or self.spec.tied}
        weights = sum(
            rows * cols * bits[read[name]] / 8 for name, (rows, cols) in self.spec.matrices.items() if name in read
        )
        return weights + 4 * sum(self.spec.biases.values())


# Sizes: the models' published config.json files.
_SHAPES = {
    "llama-2-7b": (32000, 4096, 32, 32, 32, 128, 11008, 4096, 1e-5, 1e4, False),
    "llama-3.2-1b": (128256, 2048, 16, 32, 8, 64, 8192, 131072, 1e-5, 5e5, True),
    "smollm2": (49152, 576, 30, 9, 3, 64, 1536, 8192, 1e-5, 1e5, True),
    "glassllm": (1024, 128, 4, 4, 2, 32, 341, 128, 1e-6, 1e4, True),
}
NAMES = tuple(_SHAPES)
HEADS = {"w2": "w4", "w4": "w4", "w8": "w8"}
"""The head's format by that of the other matrices: two bits would ruin it."""


def shape(name, weights="w2", layers=None):
    """The Shape called ``name`` with ``weights``, of ``layers`` layers if given. Raises InputError if there is none."""
    if name not in _SHAPES:
        raise InputError(f"perf: no model {name!r}; there are {', '.join(NAMES)}")
    if weights not in PHASES:
        raise InputError(f"perf: no weight format {weights!r}; there are {', '.join(PHASES)}")
    sizes = list(_SHAPES[name])
    if layers is not None:
        sizes[2] = layers
    return Shape(ModelSpec(name, *sizes), weights, HEADS[weights])
