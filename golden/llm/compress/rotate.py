"""Rotation: orthogonal factors between matrices that spread outliers over all elements, and cancel in floats.

As QuaRot (arXiv 2404.00456) and SpinQuant (arXiv 2405.16406) do it with what can be folded into weights: one rotation
of the residual stream, and one of the values of every head. The first needs norms without weights, so theirs move into
the matrices behind them. The final norm's move into the head, which therefore ceases to be the embedding: a tied model
gets a head of its own. A decoder reads no more for it, since of the embedding it only reads a row per token.
"""

import dataclasses

import numpy as np
from scipy.fft import dct
from scipy.linalg import hadamard

from golden.llm.models.float_model import FloatModel

_SEED = 0
_AFTER_NORM = {"attn_q": "attn_norm", "attn_k": "attn_norm", "attn_v": "attn_norm"} | {
    "ffn_gate": "ffn_norm",
    "ffn_up": "ffn_norm",
}


def rotation(size):
    """An orthogonal matrix (size, size) with elements of similar magnitude: a Hadamard matrix of the power of two in
    ``size`` and a cosine transform of the rest, with random signs of the rows, the same every time."""
    power = size & -size
    rest = dct(np.eye(size // power), norm="ortho", axis=0)
    signs = np.random.default_rng(_SEED).choice([-1.0, 1.0], size)
    return signs[:, None] * np.kron(hadamard(power) / np.sqrt(power), rest)


def rotate(model):
    """The FloatModel that computes what ``model`` does in rotated coordinates, tensor by tensor as they are fetched."""
    spec = dataclasses.replace(model.spec, tied=False)
    residual, head = rotation(spec.dim), rotation(spec.head_dim)

    def heads(matrix, axis):
        """``matrix`` with every head's part of the given axis rotated."""
        moved = np.moveaxis(matrix, axis, -1)
        turned = (moved.reshape(*moved.shape[:-1], -1, spec.head_dim) @ head).reshape(moved.shape)
        return np.moveaxis(turned, -1, axis)

    def fetch(name):
        part = name.rsplit(".", 1)[-1]
        if part in ("attn_norm", "ffn_norm", "final_norm"):
            return np.ones(spec.dim, np.float32)
        if name not in spec.matrices:
            values = model.tensor(name)
            return heads(values, 0).astype(np.float32) if part == "attn_v_bias" else values
        tensor = model.tensor(model.head if name == "head" else name).astype(np.float64)
        if part in _AFTER_NORM:
            tensor = tensor * model.tensor(name.replace(part, _AFTER_NORM[part]))
        elif part == "head":
            tensor = tensor * model.tensor("final_norm")
        if part in ("attn_o", "ffn_down"):
            tensor = residual.T @ tensor
        else:
            tensor = tensor @ residual
        if part in ("attn_v", "attn_o"):
            tensor = heads(tensor, 0 if part == "attn_v" else 1)
        return tensor.astype(np.float32)

    return FloatModel(spec, model.tokenizer, fetch)
