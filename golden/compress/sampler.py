"""Text that a model writes: many sequences at a time, so that the weights are read once for all of them."""

import numpy as np

from golden.compress.arithmetic import Arithmetic
from golden.models.spec import LAYER_NORMS


def sample(model, count, length, seed, progress=None):
    """``(count, length)`` tokens: a random first one, then each drawn from what ``model`` (FloatModel) predicts.

    All weights are in memory as floats meanwhile. ``progress`` is called after every token of all sequences.
    """
    rng = np.random.default_rng(seed)
    state = _State(model, count, length)
    tokens = np.empty((count, length), np.int64)
    tokens[:, 0] = rng.integers(0, model.tokenizer.size, count)
    for position in range(length - 1):
        logits = state.feed(tokens[:, position])
        # The largest of logits with Gumbel noise is a sample of their softmax.
        tokens[:, position + 1] = (logits + rng.gumbel(size=logits.shape)).argmax(1)
        if progress is not None:
            progress()
    return tokens


class _State:
    """The caches of ``count`` sequences of up to ``length`` tokens that grow together."""

    def __init__(self, model, count, length):
        spec = model.spec
        self._spec = spec
        self._arithmetic = Arithmetic(spec, rounded=False)
        self._tensors = {name: model.tensor(name) for name in spec.tensors}
        self._head = self._tensors[model.head]
        shape = (spec.layers, count, spec.kv_heads, length, spec.head_dim)
        self._keys, self._values = np.empty(shape, np.float32), np.empty(shape, np.float32)
        self._position = 0

    def feed(self, tokens):
        """Logits (count, vocab) after one more token (count,) of every sequence."""
        x = self._tensors["embedding"][tokens]
        for layer in range(self._spec.layers):
            prefix = f"layers.{layer}."
            part = {name: self._tensors[prefix + name] for name in (*self._spec.layer_matrices, *LAYER_NORMS)}
            x = x + self._attention(self._arithmetic.norm(x, part["attn_norm"]), part, layer) @ part["attn_o"].T
            normed = self._arithmetic.norm(x, part["ffn_norm"])
            x = x + self._arithmetic.gated(normed @ part["ffn_gate"].T, normed @ part["ffn_up"].T) @ part["ffn_down"].T
        self._position += 1
        return self._arithmetic.norm(x, self._tensors["final_norm"]) @ self._head.T

    def _attention(self, x, part, layer):
        spec, at = self._spec, self._position

        def heads(name):
            return (x @ part[name].T).reshape(len(x), spec.kv_heads, -1, spec.head_dim)

        self._keys[layer, :, :, at] = self._arithmetic.turned(heads("attn_k"), at)[:, :, 0]
        self._values[layer, :, :, at] = heads("attn_v")[:, :, 0]
        keys, values = self._keys[layer, :, :, : at + 1], self._values[layer, :, :, : at + 1]
        queries = self._arithmetic.turned(heads("attn_q")[..., None, :], at)[..., 0, :]
        scores = queries @ keys.swapaxes(-1, -2) / np.sqrt(np.float32(spec.head_dim))
        p = np.exp(scores - scores.max(-1, keepdims=True))
        return (p / p.sum(-1, keepdims=True) @ values).reshape(len(x), -1)
