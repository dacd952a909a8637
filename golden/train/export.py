"""From trained tensors to the compressed model that computes with the very weights the training used."""

import numpy as np

from golden.formats.matrix import PackedMatrix
from golden.models.float_model import FloatModel
from golden.numerics import constant_scale
from golden.quantised import AccModel, QuantisedMatrix
from golden.train.quantisers import w2_integers, w8_integers
from golden.units.rms_norm import NormWeights


def to_acc(model, tokenizer):
    """The AccModel of ``model`` (TorchDecoder): QuantisedMatrix.to_float() equals its weights bit for bit."""
    spec = model.spec
    matrices = {}
    for name in spec.matrices:
        value = model.tensor(name).detach()
        if name in ("embedding", "head"):
            levels, master = w8_integers(value)
            packed = PackedMatrix.pack("w8", levels.numpy().astype(np.int8))
        else:
            levels, scale, master = w2_integers(value)
            packed = PackedMatrix.pack("w2", levels.numpy().astype(np.int8), scale.numpy().astype(np.uint8))
        matrices[name] = QuantisedMatrix(packed, constant_scale(master.numpy()))
    norms = {name: NormWeights.from_float(model.tensor(name).detach().numpy(), spec.eps) for name in spec.norms}
    return AccModel(spec, tokenizer, matrices, norms)


def to_float(model, tokenizer):
    """The FloatModel with the tensors of ``model`` (TorchDecoder), unquantised."""
    return FloatModel(model.spec, tokenizer, lambda name: model.tensor(name).detach().numpy())
