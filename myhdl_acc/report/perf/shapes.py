"""Models that are measured by their shape: their sizes, and the formats that their matrices are in."""

import dataclasses
import os
from dataclasses import dataclass, field
from types import SimpleNamespace

from golden.draft_shapes import NO_SIZE, DraftSize
from golden.errors import InputError
from golden.formats.matrix import stored_bytes
from golden.llm import models
from golden.llm.models import embedded
from golden.llm.models.hugging_face import read_json
from golden.spec import ModelSpec
from myhdl_acc.report.perf.mix import mixed, parse_mix


@dataclass(frozen=True)
class Shape:
    """``spec`` ModelSpec and ``kinds``, the format of every matrix of it (w2, w4 or w8); ``draft_kinds``, the same of
    its draft head of ``draft_size``, if there is one."""

    spec: ModelSpec
    kinds: dict
    draft_kinds: dict = field(default_factory=dict)
    draft_size: DraftSize = NO_SIZE

    @classmethod
    def of(cls, spec, weights, head):
        """Embedding and head in format ``head``, the other matrices in ``weights``: a format, or {matrix: format}."""
        kinds = {name: weights if isinstance(weights, str) else weights.get(name) for name in spec.matrices}
        return cls(spec, kinds | {name: head for name in ("embedding", "head") if name in kinds})

    def of_layers(self, layers):
        """The Shape whose layers are those with the numbers ``layers``, in that order."""
        unrotated = [number for number, layer in enumerate(layers) if layer in self.spec.unrotated]
        spec = dataclasses.replace(self.spec, layers=len(layers), unrotated=unrotated)
        kinds = {name: self.kinds[name] for name in ("embedding", "head") if name in self.kinds}
        for number, layer in enumerate(layers):
            for name in spec.layer_matrices:
                kinds[f"layers.{number}.{name}"] = self.kinds[f"layers.{layer}.{name}"]
        return Shape(spec, kinds, self.draft_kinds, self.draft_size)

    def layer_kind(self, layer):
        """What the cycles of a layer depend on: equal for layers that take as many."""
        formats = tuple(self.kinds[f"layers.{layer}.{name}"] for name in self.spec.layer_matrices)
        return formats, layer in self.spec.unrotated

    @property
    def weights(self):
        """The formats of all matrices but embedding and head."""
        return ", ".join(sorted({kind for name, kind in self.kinds.items() if name not in ("embedding", "head")}))

    @property
    def bits(self):
        """Bits per weight of all matrices but embedding and head, on average; floats per channel are not counted."""
        from golden.llm.compress.allocate import BITS  # which half a second of imports comes with

        sizes = self.spec.layer_sizes
        return sum(BITS[self.kinds[name]] * size for name, size in sizes.items()) / sum(sizes.values())

    @property
    def matrices(self):
        """What a compiler asks of a model's matrices: their formats."""
        return _formats(self.kinds)

    @property
    def draft(self):
        """The same of those of its draft head."""
        return _formats(self.draft_kinds)

    @property
    def norms(self):
        """What a compiler asks of a model's norms."""
        return {name: SimpleNamespace(exponent=12, eps=0) for name in self.spec.norms}

    @property
    def weight_bytes(self):
        """Bytes of the atoms, block scales and biases that a decoded token reads."""
        weights = sum(
            stored_bytes(self.kinds[name], *shape)
            for name, shape in self.spec.matrices.items()
            if name != "embedding" or self.spec.tied
        )
        return weights + 4 * sum(self.spec.biases.values())


def _formats(kinds):
    return {name: SimpleNamespace(packed=SimpleNamespace(kind=kind)) for name, kind in kinds.items()}


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


def shape(model, weights=None, layers=None):
    """The Shape of ``model``, of its first ``layers`` layers if given; no weights are read.

    ``model``: one of NAMES, a ``.json`` file with a ModelSpec's fields, or what golden.llm.models.outline() takes.
    ``weights`` (w2 unless given): format of the matrices, with HEADS, or a mix of formats as mix.py reads it; an
    ``.acc`` file has its own. Raises InputError for anything else.
    """
    first, parts = parse_mix("w2" if weights is None else weights)
    spec, kinds, *draft = _described(os.fspath(model))
    if kinds and weights is not None:
        raise InputError(f"perf: {model} is compressed: its matrices have their formats, and cannot be in {weights}")
    found = Shape(spec, kinds, *draft) if kinds else Shape.of(spec, mixed(spec, first, parts), HEADS[first])
    return found if layers is None else found.of_layers(range(layers))


def _described(model):
    """The fields of the Shape of ``model``; no kinds, and no more, where it is not compressed."""
    if model in _SHAPES:
        return ModelSpec(model, *_SHAPES[model], family="llama"), {}
    if model.lower().endswith(".json"):
        try:
            return ModelSpec.from_dict(read_json(model)), {}
        except InputError as error:
            if os.path.basename(model) == "config.json":
                models.require_whole(model)
            raise InputError(str(error) if str(error).startswith(model) else f"{model}: {error}") from None
    is_path = model.lower().endswith((".gguf", ".npz", ".safetensors"))
    if not (is_path or embedded.is_compressed(model) or os.path.isfile(os.path.join(model, "config.json"))):
        names = ", ".join((*NAMES, *embedded.NAMES))
        raise InputError(
            f"perf: no model {model!r}; there are {names}, .gguf, .npz and .acc files, directories with a config.json,"
            " and .json files with sizes"
        )
    outline = models.outline(model)
    return outline.spec, outline.kinds, outline.draft, outline.draft_size
