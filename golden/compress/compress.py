"""From a floating-point model to a compressed one."""

from golden.compress.calibrate import input_mean_squares
from golden.compress.equalise import equalise
from golden.compress.round_to_nearest import round_to_nearest
from golden.errors import InputError
from golden.formats.matrix import PHASES
from golden.quantised import AccModel
from golden.units.rms_norm import NormWeights


def compress(model, kind="w2", head="w8", quantise=round_to_nearest, progress=None):
    """Compress ``model`` (FloatModel) into an AccModel.

    ``kind`` (w2, w4, w8) is the format of all matrices but the embedding and head, which have ``head``. ``quantise``
    turns float weights (rows, cols), a kind and the inputs' mean squares (cols,) into a QuantisedMatrix: the place for
    better methods. ``progress`` is called with each tensor's name before it is compressed.

    In ``w4`` a short calibration on random tokens comes first: it measures the inputs and equalises them, without which
    SmolLM2 loses its facts. During it all tensors are in memory as floats, otherwise one at a time. ``w2`` goes without
    (and ``quantise`` gets None): there such a calibration does more harm than good (glassllm, 176 tokens of Carroll:
    perplexity 57.6 without, 68.9 with it, 55.4 in floats).
    """
    for value in (kind, head):
        if value not in PHASES:
            raise InputError(f"compress: no weight format {value!r}; there are {', '.join(PHASES)}")
    mean_squares = {}
    if kind == "w4":
        model, mean_squares = equalise(model, input_mean_squares(model))
    matrices, norms = {}, {}
    for name in model.spec.tensors:
        if progress is not None:
            progress(name)
        if name in model.spec.matrices:
            form = head if name in ("embedding", "head") else kind
            matrices[name] = quantise(model.tensor(name), form, mean_squares.get(name))
        else:
            norms[name] = NormWeights.from_float(model.tensor(name), model.spec.eps)
    return AccModel(model.spec, model.tokenizer, matrices, norms)
