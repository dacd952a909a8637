"""From a floating-point model to a compressed one."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from golden.errors import InputError
from golden.formats.matrix import PHASES
from golden.llm.compress.calibrate import input_mean_squares, own_sequences
from golden.llm.compress.equalise import equalise
from golden.llm.compress.kept_layers import NOTHING_KEPT
from golden.llm.compress.layerwise import Layerwise
from golden.llm.compress.rotate import rotate
from golden.llm.compress.round_to_nearest import round_to_nearest
from golden.llm.compress.second_order import second_order
from golden.llm.models.float_model import FloatModel
from golden.llm.models.tokenizer import Tokenizer
from golden.llm.quantised_model import AccModel, check_norm
from golden.numerics import fixed
from golden.spec import ModelSpec
from golden.units.rms_norm import NormWeights

METHODS = ("nearest", "wanda", "gptq")
_LARGEST_BIAS = 1 << 15  # what has 16 fraction bits in an int32 is smaller
OUTER = ("embedding", "head")  #: the matrices outside the layers


@dataclass(frozen=True, eq=False)
class Compression:
    """What compress() makes: ``spec``, ``tokenizer`` and ``norms`` of the AccModel and ``{matrix: kind}``.

    ``parts`` yields ``(name, QuantisedMatrix)`` and ``(name, bias)`` as they are done, once: container.write() takes
    them.
    """

    spec: ModelSpec
    tokenizer: Tokenizer
    kinds: dict[str, str]
    norms: dict[str, NormWeights]
    parts: Iterator


def compress(model, *args, **kwargs):
    """The AccModel that compression() with these arguments makes."""
    made = compression(model, *args, **kwargs)
    parts = dict(made.parts)
    matrices, biases = ({name: parts[name] for name in names} for names in (made.kinds, made.spec.biases))
    return AccModel(made.spec, made.tokenizer, matrices, made.norms, biases)


def compression(
    model,
    kind="w2",
    head="w8",
    method="nearest",
    rotated=False,
    sequences=None,
    progress=None,
    kept_layers=NOTHING_KEPT,
):
    """The Compression of ``model`` (FloatModel).

    ``kind`` (w2, w4, w8) is the format of all matrices but the embedding and head, which have ``head``; or a dictionary
    {matrix: kind} of all of those. ``rotated`` puts rotate() first. ``progress`` is called with each tensor's name
    when it is done. ``method``:

    * ``nearest``: each weight on its own, round_to_nearest(). In ``w4`` a short calibration on random tokens
      comes first: it measures the inputs and equalises them, without which SmolLM2 loses its facts. ``w2`` goes
      without: there such a calibration does more harm than good (glassllm, 176 tokens of Carroll: perplexity 57.6
      without, 68.9 with it, 55.4 in floats).
    * ``wanda``: the same, but what an error costs and what is pruned follows each input's mean square, measured
      on ``sequences`` layer by layer behind the compressed layers before.
    * ``gptq``: second_order(), layer by layer like that.

    ``sequences`` (n, T) are tokens to calibrate with, by default what the model writes itself (own_sequences()).
    ``kept_layers`` (KeptLayers) holds finished layers: an interrupted compression goes on from them to the same result.
    Memory holds one layer or tensor and the calibration's states; to write ``sequences`` itself the whole model.
    """
    if method not in METHODS:
        raise InputError(f"compress: no method {method!r}; there are {', '.join(METHODS)}")
    kinds = _kinds(model.spec, kind, head)
    mean_squares = {}
    if method != "nearest" and sequences is None:
        sequences = own_sequences(model)
    if rotated:
        model = rotate(model)
        kinds |= {"head": head}
    if method == "nearest" and "w4" in (kinds[name] for name in kinds if name not in OUTER):
        model, mean_squares = equalise(model, input_mean_squares(model))
    norms = {}
    for name, size in model.spec.norms.items():
        norms[name] = NormWeights.from_float(model.tensor(name), model.spec.eps)
        check_norm(name, norms[name], size)
        _report(progress, name)
    # The order that files have always had.
    order = model.spec.matrices if method == "nearest" else sorted(model.spec.matrices, key=lambda n: n not in OUTER)
    kinds = {name: kinds[name] for name in order}
    work = _Work(model, kinds, method, sequences, mean_squares, progress)
    return Compression(model.spec, model.tokenizer, kinds, norms, work.parts(kept_layers))


def _kinds(spec, kind, head):
    """``{matrix: kind}`` of all matrices."""
    inner = [name for name in spec.matrices if name not in OUTER]
    kinds = kind if isinstance(kind, dict) else dict.fromkeys(inner, kind)
    if set(kinds) != set(inner):
        wrong = min(set(kinds) ^ set(inner))
        raise InputError(f"compress: kinds must name every matrix of the layers and no other; see {wrong}")
    for value in (*kinds.values(), head):
        if value not in PHASES:
            raise InputError(f"compress: no weight format {value!r}; there are {', '.join(PHASES)}")
    return kinds | dict.fromkeys((name for name in spec.matrices if name in OUTER), head)


def _report(progress, name):
    if progress is not None:
        progress(name)


@dataclass(frozen=True, eq=False)
class _Work:
    """What has to be done, and the means."""

    model: FloatModel
    kinds: dict
    method: str
    sequences: np.ndarray | None
    mean_squares: dict
    progress: Callable | None

    def parts(self, kept_layers):
        """As Compression.parts."""
        spec = self.model.spec
        outer = {name: self._nearest(name) for name in OUTER if name in self.kinds}
        if self.method == "nearest":
            make = self._nearest_layer
        else:
            make = self._calibrated_layers(outer["embedding"].to_float())
        while outer:
            yield outer.popitem()
        for layer in range(spec.layers):
            names = [f"layers.{layer}.{part}" for part in spec.layer_matrices]
            kept = kept_layers.load(layer, {name: spec.matrices[name] for name in names})
            matrices, biases = make(layer, kept)
            if kept is None:
                kept_layers.save(layer, matrices)
            else:
                for name in names:
                    _report(self.progress, name)
            yield from matrices.items()
            for name, bias in biases.items():
                if np.abs(bias).max() >= _LARGEST_BIAS:
                    raise InputError(f"{self.model.source}: {name} has values of {_LARGEST_BIAS:,} and more")
                yield name, fixed(bias)
                _report(self.progress, name)

    def _nearest(self, name):
        importance = None if self.kinds[name] == "w2" else self.mean_squares.get(name)
        return self._rounded(round_to_nearest, name, self.model.tensor(name), importance)

    def _nearest_layer(self, layer, kept):
        spec, prefix = self.model.spec, f"layers.{layer}."
        biases = {prefix + part: self.model.tensor(prefix + part) for part in spec.layer_biases}
        return kept or {prefix + part: self._nearest(prefix + part) for part in spec.layer_matrices}, biases

    def _calibrated_layers(self, embedding):
        """What makes one layer after another: ``(matrices, biases)``, the matrices being those ``kept``, if any."""
        layerwise = Layerwise(self.model, np.asarray(self.sequences), embedding, self._calibrated)
        return lambda _, kept: (layerwise.step(kept), layerwise.biases)

    def _calibrated(self, name, weights, gram, cross):
        if self.method == "wanda":
            mean_squares = np.diag(gram)
            # No input is known to be unimportant from a sample.
            floor = max(mean_squares.max() * 1e-4, 1e-30)
            return self._rounded(round_to_nearest, name, weights, np.maximum(mean_squares, floor))
        return self._rounded(second_order, name, weights, gram, cross)

    def _rounded(self, function, name, weights, *rest):
        """``function`` of ``weights``, the format of matrix ``name``, and the rest."""
        try:
            matrix = function(weights, self.kinds[name], *rest)
        except InputError as error:
            raise InputError(f"{self.model.source}: tensor {name} {error}") from None
        _report(self.progress, name)
        return matrix
