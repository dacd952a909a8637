"""From a floating-point model to a compressed one."""

import numpy as np

from golden.compress.calibrate import input_mean_squares, own_sequences
from golden.compress.equalise import equalise
from golden.compress.layerwise import Layerwise
from golden.compress.rotate import rotate
from golden.compress.round_to_nearest import round_to_nearest
from golden.compress.second_order import second_order
from golden.errors import InputError
from golden.formats.matrix import PHASES
from golden.numerics import fixed
from golden.quantised import AccModel
from golden.units.rms_norm import NormWeights

METHODS = ("nearest", "wanda", "gptq")
OUTER = ("embedding", "head")  #: the matrices outside the layers


def compress(
    model, kind="w2", head="w8", method="nearest", rotated=False, sequences=None, progress=None, kept_layers=None
):
    """Compress ``model`` (FloatModel) into an AccModel.

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
    Memory holds all tensors as floats in ``nearest`` w4, otherwise one layer or tensor and the calibration's states.
    """
    kinds = _kinds(model.spec, kind, head)
    if method not in METHODS:
        raise InputError(f"compress: no method {method!r}; there are {', '.join(METHODS)}")
    if rotated:
        sequences = own_sequences(model) if sequences is None and method != "nearest" else sequences
        model = rotate(model)
        kinds |= {"head": head}
    if method == "nearest":
        mean_squares = {}
        if "w4" in (kinds[name] for name in kinds if name not in OUTER):
            model, mean_squares = equalise(model, input_mean_squares(model))
        matrices = _nearest(model, kinds, mean_squares, progress)
        biases = {name: model.tensor(name) for name in model.spec.biases}
    else:
        if sequences is None:
            sequences = own_sequences(model)
        matrices, biases = _calibrated(model, kinds, method, sequences, progress, kept_layers)
    norms = {}
    for name in model.spec.norms:
        norms[name] = NormWeights.from_float(model.tensor(name), model.spec.eps)
        _report(progress, name)
    return AccModel(model.spec, model.tokenizer, matrices, norms, {name: fixed(bias) for name, bias in biases.items()})


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


def _nearest(model, kinds, mean_squares, progress):
    matrices = {}
    for name in model.spec.matrices:
        importance = None if kinds[name] == "w2" else mean_squares.get(name)
        matrices[name] = round_to_nearest(model.tensor(name), kinds[name], importance)
        _report(progress, name)
    return matrices


def _calibrated(model, kinds, method, sequences, progress, kept_layers):
    matrices = {}
    for name in OUTER:
        if name in kinds:
            matrices[name] = round_to_nearest(model.tensor(name), kinds[name])
            _report(progress, name)

    def quantise(name, weights, gram, cross):
        if method == "wanda":
            mean_squares = np.diag(gram)
            # No input is known to be unimportant from a sample.
            floor = max(mean_squares.max() * 1e-4, 1e-30)
            matrix = round_to_nearest(weights, kinds[name], np.maximum(mean_squares, floor))
        else:
            matrix = second_order(weights, kinds[name], gram, cross)
        _report(progress, name)
        return matrix

    layerwise = Layerwise(model, np.asarray(sequences), matrices["embedding"].to_float(), quantise)
    for layer in range(model.spec.layers):
        prefix = f"layers.{layer}."
        shapes = {name: shape for name, shape in model.spec.matrices.items() if name.startswith(prefix)}
        kept = None if kept_layers is None else kept_layers.load(layer, shapes)
        done = layerwise.step(kept)
        if kept is not None:
            for name in done:
                _report(progress, name)
        elif kept_layers is not None:
            kept_layers.save(layer, done)
        matrices |= done
    return matrices, layerwise.biases
