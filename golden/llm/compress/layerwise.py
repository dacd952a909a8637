"""Calibration layer by layer: each matrix meets the inputs that the compressed layers before it produce.

Two streams of hidden states pass the layers: the *exact* one through the float weights, the *rough* one through the
compressed weights with the decoder's rounding. Memory holds both, the weights of one layer, and what it computes.
"""

import numpy as np

from golden.blas import one_thread
from golden.llm.arithmetic import Arithmetic
from golden.llm.compress.smooth_keys import key_factors, query_factors
from golden.spec import BIASED


class Layerwise:
    """Passes ``sequences`` (sequences, T) of tokens through the layers of ``model`` (FloatModel), one after another.

    ``embedding`` (vocab, dim) float32 is the compressed one. ``quantise(name, weights, gram, cross)`` returns a
    QuantisedMatrix; ``gram`` = XᵀX of the matrix's rough inputs X (tokens, cols), and ``cross`` = YᵀX, where Y are
    the outputs that would bring the rough stream to where the exact one is. ``smooth`` says whether key_factors()
    apply.
    """

    def __init__(self, model, sequences, embedding, quantise, smooth=True):
        self._model = model
        self._quantise = quantise
        self._smooth = smooth
        self._exact, self._rough = (Arithmetic(model.spec, rounded) for rounded in (False, True))
        self.exact, self.rough = model.tensor("embedding")[sequences], embedding[sequences]
        self.layer = 0  #: the next one
        self.biases = {}  #: float32, of the latest layer: as the factors have left them

    @one_thread
    def step(self, kept=None):
        """``{matrix: QuantisedMatrix}`` of the next layer; with ``kept``, from an earlier run, nothing is quantised."""
        prefix = f"layers.{self.layer}."
        spec = self._model.spec
        tensors = {part: self._model.tensor(prefix + part) for part in spec.layer_parts}
        rotated = self.layer not in spec.unrotated
        matrices = {}

        def multiply(inputs, parts, missing=0):
            """The exact and rough outputs of matrices with the same inputs, which are quantised on the way.

            ``missing`` is what the rough stream lacks behind them.
            """
            exact, rough = ([], [])
            gram = None if kept else _flat(inputs[1]).T @ _flat(inputs[1])
            for part in parts:
                exact.append(inputs[0] @ tensors[part].T)
                if kept:
                    matrix = kept[prefix + part]
                else:
                    cross = _flat(exact[-1] + missing).T @ _flat(inputs[1])
                    matrix = self._quantise(prefix + part, tensors[part], gram, cross)
                matrices[prefix + part] = matrix
                rough.append(inputs[1] @ matrix.to_float().T)
            return exact, rough

        def add(inputs, part):
            (exact,), (rough,) = multiply(inputs, [part], self.exact - self.rough)
            self.exact += exact
            self.rough += rough

        inputs = self._normed(tensors["attn_norm"])
        if self._smooth and not spec.head_norms:  # which would undo it
            keys = inputs[0] @ tensors["attn_k"].T + tensors.get("attn_k_bias", 0)
            factors = key_factors(keys, spec.head_dim)
            for part, factor in (("attn_k", 1 / factors), ("attn_q", query_factors(factors, spec))):
                tensors[part] = tensors[part] * factor[:, None]
                if spec.biased:
                    tensors[f"{part}_bias"] = tensors[f"{part}_bias"] * factor
        self.biases = {prefix + part: tensors[part] for part in spec.layer_biases}
        heads = [
            _each(lambda *qkv, via=via: via.attention(*via.projected(tensors, *qkv), rotated), *products)
            for via, products in zip((self._exact, self._rough), multiply(inputs, BIASED), strict=True)
        ]
        add(heads, "attn_o")
        exact, rough = multiply(self._normed(tensors["ffn_norm"]), ["ffn_gate", "ffn_up"])
        add((_each(self._exact.gated, *exact), _each(self._rough.gated, *rough)), "ffn_down")
        self.layer += 1
        return matrices

    def _normed(self, gamma):
        exact, rough = self._exact, self._rough
        return _each(lambda x: exact.norm(x, gamma), self.exact), _each(lambda x: rough.norm(x, gamma), self.rough)


def _each(function, *arrays):
    """``function`` of the arrays' sequences, one at a time: temporaries stay in the cache."""
    return np.stack([function(*parts) for parts in zip(*arrays, strict=True)])


def _flat(x):
    return x.reshape(-1, x.shape[-1])
