"""The floating-point decoder: what the accuracy of the integer one is measured against."""

import numpy as np
from scipy.special import expit, softmax

from golden.lambda_attention import LambdaRule


class FloatDecoder:
    """Decodes ``model`` (FloatModel) in float32, weights unquantised, with the same Λ rule as golden.decoder.

    ``weights`` replaces tensors by name: how a compressed matrix alone affects accuracy. ``observe(name, x)`` is
    called with the inputs (tokens, cols) of every matrix: what calibration looks at. ``int8_activations`` rounds what
    enters a product besides weights, keys and values, as golden.units.quantise does; ``int4_cache`` rounds keys and
    values as golden.units.kv_quantise does: what each costs alone. All tensors are kept in memory.
    """

    def __init__(
        self, model, sinks=0, window=None, weights=None, observe=None, int8_activations=False, int4_cache=False
    ):
        spec = model.spec
        self.rule = LambdaRule(sinks, max(1, spec.context - sinks) if window is None else window)
        self._spec = spec
        replaced = weights or {}
        self._tensors = {name: replaced[name] if name in replaced else model.tensor(name) for name in spec.tensors}
        self._head = model.head
        self._observe = observe
        self._activation = _int8 if int8_activations else _unchanged
        self._cached = _int4 if int4_cache else _unchanged
        self._angles = spec.rope_base ** (-np.arange(spec.head_dim // 2) * 2.0 / spec.head_dim)
        self.reset()

    def reset(self):
        """Forget all tokens."""
        self.position = 0
        empty = np.zeros((self._spec.kv_heads, 0, self._spec.head_dim), np.float32)
        self._caches = [(empty, empty)] * self._spec.layers

    def feed(self, tokens, every=True):
        """Logits after each of ``tokens`` (len, vocab) float32, or after the last one (1, vocab) unless ``every``."""
        x = self._tensors["embedding"][np.asarray(tokens)]
        for layer in range(self._spec.layers):
            x = x + self._attention(x, layer)
            x = x + self._feed_forward(x, layer)
        self.position += len(tokens)
        return self._multiply(self._norm(x if every else x[-1:], "final_norm"), self._head)

    def generate(self, prompt, count):
        """Feed ``prompt``, then yield ``count`` tokens, each the most likely one."""
        logits = self.feed(prompt)[-1]
        for index in range(count):
            token = int(np.argmax(logits))
            yield token
            if index + 1 < count:
                logits = self.feed([token])[-1]

    def _multiply(self, x, name):
        if self._observe is not None:
            self._observe(name, x)
        return self._activation(x) @ self._tensors[name].T

    def _norm(self, x, name):
        return x / np.sqrt((x * x).mean(-1, keepdims=True) + self._spec.eps) * self._tensors[name]

    def _feed_forward(self, x, layer):
        name = f"layers.{layer}."
        normed = self._norm(x, name + "ffn_norm")
        gate = self._multiply(normed, name + "ffn_gate")
        gated = gate * expit(gate) * self._multiply(normed, name + "ffn_up")
        return self._multiply(gated, name + "ffn_down")

    def _rotate(self, x, positions):
        """Rotate ``x`` (heads, len(positions), head_dim) to ``positions``."""
        angle = np.asarray(positions, np.float64)[:, None] * self._angles
        cosine, sine = np.cos(angle).astype(np.float32), np.sin(angle).astype(np.float32)
        rotated = np.empty_like(x)
        rotated[..., 0::2] = x[..., 0::2] * cosine - x[..., 1::2] * sine
        rotated[..., 1::2] = x[..., 0::2] * sine + x[..., 1::2] * cosine
        return rotated

    def _attention(self, x, layer):
        spec, name, count = self._spec, f"layers.{layer}.", len(x)
        normed = self._norm(x, name + "attn_norm")

        def heads(tensor, number):
            return self._multiply(normed, name + tensor).reshape(count, number, spec.head_dim).transpose(1, 0, 2)

        q, k, v = heads("attn_q", spec.heads), heads("attn_k", spec.kv_heads), heads("attn_v", spec.kv_heads)
        at = self.position + np.arange(count)
        old_keys, old_values = self._caches[layer]
        keys = np.concatenate([old_keys, self._cached(self._rotate(k, at))], axis=1)
        values = np.concatenate([old_values, self._cached(v)], axis=1)
        self._caches[layer] = keys, values

        def scores(positions):
            rotated = self._activation(self._rotate(q / np.float32(np.sqrt(spec.head_dim)), positions))
            grouped = rotated.reshape(spec.kv_heads, spec.group * count, spec.head_dim)
            return (grouped @ keys.transpose(0, 2, 1)).reshape(spec.kv_heads, spec.group, count, -1)

        cached = np.arange(keys.shape[1])
        logits = scores(at)
        if self.rule.capped(at[-1]):
            logits = np.where(cached < self.rule.sinks, scores(self.rule.sink_position(at)), logits)
        logits = np.where(self.rule.meets(at[:, None], cached), logits, np.float32(-np.inf))
        weights = self._activation(softmax(logits, axis=-1))
        mixed = (weights.reshape(spec.kv_heads, -1, len(cached)) @ values).reshape(spec.heads, count, spec.head_dim)
        return self._multiply(mixed.transpose(1, 0, 2).reshape(count, -1), name + "attn_o")


def _unchanged(x):
    return x


def _int8(x):
    """The nearest of 255 levels to each element, the largest magnitude of its vector (last axis) being the last one."""
    step = np.maximum(np.abs(x).max(-1, keepdims=True), np.finfo(np.float32).tiny) / 127
    return np.rint(x / step) * step


def _int4(x):
    """The nearest of 16 levels between the least and the largest element of its vector (last axis), 0 included."""
    low, high = np.minimum(x.min(-1, keepdims=True), 0), np.maximum(x.max(-1, keepdims=True), 0)
    step = np.maximum(high - low, np.finfo(np.float32).tiny) / 15
    zero = np.rint(-low / step * 16) / 16  # as coarse as the cache's zero points
    return (np.clip(np.rint(x / step + zero), 0, 15) - zero) * step
