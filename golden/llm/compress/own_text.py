"""Text that a model writes: many sequences at a time, so that the weights are read once for all of them."""

from functools import partial

import numpy as np

from golden.blas import one_thread
from golden.llm.arithmetic import Arithmetic, layers


@one_thread
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
        self._arithmetic = Arithmetic(spec)
        self._tensors = {name: model.tensor(name) for name in spec.tensors}
        self._layers = layers(spec, self._tensors)
        self._head = self._tensors[model.head]
        shape = (spec.layers, count, spec.kv_heads, length, spec.head_dim)
        self._keys, self._values = np.empty(shape, np.float32), np.empty(shape, np.float32)
        self._position = 0

    def feed(self, tokens):
        """Logits (count, vocab) after one more token (count,) of every sequence."""
        x = self._tensors["embedding"][tokens]
        for tensors, *caches in zip(self._layers, self._keys, self._values, strict=True):
            x = self._arithmetic.layer(x, tensors, attention=partial(self._attention, *caches))
        self._position += 1
        return self._arithmetic.norm(x, self._tensors["final_norm"]) @ self._head.T

    def _attention(self, keys, values, q, k, v, rotated):
        """One more token of every sequence; its own sequence's are all that it meets."""
        at, head_dim = self._position, self._spec.head_dim
        turn = [at * rotated]
        q, k, v = (x.reshape(len(x), self._spec.kv_heads, -1, head_dim) for x in (q, k, v))
        keys[:, :, at] = self._arithmetic.turned(k, turn)[:, :, 0]
        values[:, :, at] = v[:, :, 0]
        queries = self._arithmetic.turned(q[..., None, :], turn)[..., 0, :]
        scores = queries @ keys[:, :, : at + 1].swapaxes(-1, -2) / np.sqrt(np.float32(head_dim))
        p = np.exp(scores - scores.max(-1, keepdims=True))
        return (p / p.sum(-1, keepdims=True) @ values[:, :, : at + 1]).reshape(len(q), -1)
