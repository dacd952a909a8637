"""From a floating-point model to a compressed one."""

from golden.compress.round_to_nearest import round_to_nearest
from golden.errors import InputError
from golden.formats.matrix import PHASES
from golden.quantised import AccModel
from golden.units.rms_norm import NormWeights


def compress(model, kind="w2", head="w8", quantise=round_to_nearest, progress=None):
    """Compress ``model`` (FloatModel) into an AccModel.

    ``kind`` (w2, w4, w8) is the format of all matrices but the embedding and head, which have ``head``. ``quantise``
    turns float weights (rows, cols) and a kind into a QuantisedMatrix: the place for better methods. ``progress`` is
    called with each tensor's name before it is compressed. One tensor is in memory as floats at a time.
    """
    for value in (kind, head):
        if value not in PHASES:
            raise InputError(f"compress: no weight format {value!r}; there are {', '.join(PHASES)}")
    matrices, norms = {}, {}
    for name in model.spec.tensors:
        if progress is not None:
            progress(name)
        if name in model.spec.matrices:
            matrices[name] = quantise(model.tensor(name), head if name in ("embedding", "head") else kind)
        else:
            norms[name] = NormWeights.from_float(model.tensor(name), model.spec.eps)
    return AccModel(model.spec, model.tokenizer, matrices, norms)
