"""Equalisation: large inputs become smaller and their weights larger, without changing what the model computes.

Activation-aware weight quantisation (AWQ, arXiv 2306.00978) with one fixed exponent: in front of a matrix stands
something that scales each of its inputs anyway, an RMSNorm or the up projection, and takes the inverse factor.
Weights of large inputs gain resolution in their block, and the int8 activations lose their outliers.
"""

import numpy as np

from golden.llm.models.float_model import FloatModel

EXPONENT = 0.3  #: of an input's root mean square. 0.5 and 0.2 were worse on SmolLM2 in w4
_AFTER_NORM = {"attn_norm": ("attn_q", "attn_k", "attn_v"), "ffn_norm": ("ffn_gate", "ffn_up")}


def equalise(model, mean_squares):
    """``(model, mean_squares)`` with factors moved from inputs to weights, tensor by tensor as they are fetched.

    ``mean_squares`` come from input_mean_squares(); those returned are what it would measure on the returned model.
    """
    factors, moved = {}, dict(mean_squares)
    for layer in range(model.spec.layers):
        name = f"layers.{layer}."
        for norm, matrices in _AFTER_NORM.items():
            factor = _factor(mean_squares[name + matrices[0]])
            factors[name + norm] = 1 / factor
            for matrix in matrices:
                factors[name + matrix] = factor
        down = _factor(mean_squares[name + "ffn_down"])
        factors[name + "ffn_down"] = down
        factors[name + "ffn_up"] = factors[name + "ffn_up"] / down[:, None]
        for matrix in (*_AFTER_NORM["attn_norm"], *_AFTER_NORM["ffn_norm"], "ffn_down"):
            inputs = (
                down if matrix == "ffn_down" else 1 / factors[name + ("ffn" if matrix[0] == "f" else "attn") + "_norm"]
            )
            moved[name + matrix] = mean_squares[name + matrix] / inputs**2

    def fetch(name):
        return model.tensor(name) * factors[name].astype(np.float32) if name in factors else model.tensor(name)

    return FloatModel(model.spec, model.tokenizer, fetch), moved


def _factor(mean_square):
    """Per input its root mean square to EXPONENT, normalised to a geometric mean of 1."""
    logarithm = np.log(mean_square) * (EXPONENT / 2)
    return np.exp(logarithm - logarithm.mean())
