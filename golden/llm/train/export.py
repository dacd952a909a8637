"""From trained tensors to the compressed model that computes with the very weights the training used."""

import numpy as np
import torch

from golden.formats.matrix import PackedMatrix
from golden.llm.models.float_model import FloatModel
from golden.llm.quantised_model import AccModel, QuantisedMatrix
from golden.llm.train.model import TorchDecoder
from golden.llm.train.quantisers import INTEGERS, grown
from golden.numerics import constant_scale
from golden.units.rms_norm import NormWeights


def to_acc(model, tokenizer):
    """The AccModel of ``model`` (TorchDecoder): QuantisedMatrix.to_float() equals its weights bit for bit."""
    spec = model.spec
    matrices = {}
    for name, kind in model.kinds.items():
        matrices[name] = matrix_of(model.tensor(name), kind, model.grids.get(name), model.growth(name))
    norms = {name: NormWeights.from_float(model.tensor(name).detach().numpy(), spec.eps) for name in spec.norms}
    return AccModel(spec, tokenizer, matrices, norms)


def matrix_of(weights, kind, grid=None, growth=None):
    """The QuantisedMatrix whose weights are those of quantisers.matrix() with these arguments."""
    levels, scale, master = INTEGERS[kind](weights.detach(), grid)
    scale = grown(scale, growth)
    packed = PackedMatrix.pack(
        kind, levels.numpy().astype(np.int8), None if scale is None else scale.numpy().astype(np.uint8)
    )
    return QuantisedMatrix(packed, constant_scale(master.numpy()))


def from_acc(compressed, sinks=None, window=None):
    """The TorchDecoder that computes what ``compressed`` (AccModel) does, with the scales of all matrices fixed.

    Mask and levels are free: to_acc() of it untrained gives the same matrices again.
    """
    tensors, kinds, grids = {}, {}, {}
    for name, matrix in compressed.matrices.items():
        tensors[name], kinds[name] = matrix.to_float(), matrix.packed.kind
        _, scale = matrix.packed.unpack()
        master = np.ldexp(matrix.scale.mantissa.astype(np.float32), -matrix.scale.exponent)
        grids[name] = (None if scale is None else torch.tensor(scale).float(), torch.tensor(master))
    for name, norm in compressed.norms.items():
        tensors[name] = np.ldexp(norm.gamma.astype(np.float64), -norm.exponent) / np.sqrt(len(norm.gamma))
    return TorchDecoder(compressed.spec, tensors, sinks, window, kinds, grids)


def to_float(model, tokenizer):
    """The FloatModel with the tensors of ``model`` (TorchDecoder), unquantised."""
    return FloatModel(model.spec, tokenizer, lambda name: model.tensor(name).detach().numpy())
