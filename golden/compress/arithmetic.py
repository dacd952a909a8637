"""What stands between the matrices of a model, in float32 on whole sequences, with or without the decoder's rounding.

The integer decoder rounds the inputs of every matrix, the queries and the weights of the cached values to int8, keys
and values to int4. ``Arithmetic(spec, rounded=True)`` does the same to floats, at the speed of matrix products: what a
calibration has to see, and a quick estimate of a compressed model's accuracy (golden.perplexity measures it).
"""

import numpy as np
from scipy.special import expit

_INT8, _INT4_STEPS = 127, 15


class Arithmetic:
    """Functions of hidden states ``x`` (tokens, …) of one sequence that starts at position 0."""

    def __init__(self, spec, rounded):
        self.spec = spec
        self._rounded = rounded
        self._angles = spec.rope_base ** (-np.arange(spec.head_dim // 2) * 2.0 / spec.head_dim)

    def operand(self, x):
        """``x`` (…, N) as a matrix product takes it: int8 with one step per vector."""
        if not self._rounded:
            return x
        step = np.maximum(np.abs(x).max(-1, keepdims=True), np.finfo(np.float32).tiny) / _INT8
        return np.rint(x / step) * step

    def norm(self, x, gamma):
        """RMSNorm, as an operand."""
        return self.operand(x / np.sqrt((x * x).mean(-1, keepdims=True) + self.spec.eps) * gamma)

    def gated(self, gate, up):
        """silu(gate) · up, as an operand."""
        return self.operand(gate * expit(gate) * up)

    def attention(self, q, k, v):
        """The heads' outputs (T, heads · head_dim), as an operand, of projections (T, …) of tokens 0 … T − 1."""
        spec, count = self.spec, len(q)
        queries = self.turned(q.reshape(count, spec.kv_heads, spec.group, spec.head_dim).transpose(1, 2, 0, 3))
        keys = self.turned(k.reshape(count, spec.kv_heads, spec.head_dim).transpose(1, 0, 2))
        values = v.reshape(count, spec.kv_heads, spec.head_dim).transpose(1, 0, 2)
        keys, values = self.cached(keys)[0], self.cached(values)
        queries = self.operand(queries).reshape(spec.kv_heads, -1, spec.head_dim)
        scores = (queries @ keys.transpose(0, 2, 1) / np.sqrt(np.float32(spec.head_dim))).reshape(
            spec.kv_heads, spec.group, count, count
        )
        scores[..., ~np.tri(count, dtype=bool)] = -np.inf
        scores -= scores.max(-1, keepdims=True)
        p = np.exp(scores, out=scores)
        total = p.sum(-1, keepdims=True)
        values, step = values
        if self._rounded:  # the weights of the values hold their steps
            p = self.operand(p * step[:, None, None, :]) / step[:, None, None, :]
        mixed = (p / total).reshape(spec.kv_heads, -1, count) @ values
        mixed = mixed.reshape(spec.heads, count, spec.head_dim).transpose(1, 0, 2)
        return self.operand(np.ascontiguousarray(mixed).reshape(count, -1))

    def layer(self, x, tensors, observe=None):
        """``x`` (T, dim) behind a layer with ``tensors`` ({name without the layer: array}).

        ``observe(names, inputs)`` is called with the inputs (T, cols) of matrices that share them.
        """

        def multiply(inputs, *names):
            if observe is not None:
                observe(names, inputs)
            return [inputs @ tensors[name].T for name in names]

        qkv = multiply(self.norm(x, tensors["attn_norm"]), "attn_q", "attn_k", "attn_v")
        x = x + multiply(self.attention(*qkv), "attn_o")[0]
        gate_up = multiply(self.norm(x, tensors["ffn_norm"]), "ffn_gate", "ffn_up")
        return x + multiply(self.gated(*gate_up), "ffn_down")[0]

    def turned(self, x, first=0):
        """``x`` (…, T, head_dim) with each token turned to its position, first, first + 1, …"""
        angle = np.arange(first, first + x.shape[-2])[:, None] * self._angles
        cosine, sine = np.cos(angle).astype(np.float32), np.sin(angle).astype(np.float32)
        turned = np.empty_like(x)
        turned[..., 0::2] = x[..., 0::2] * cosine - x[..., 1::2] * sine
        turned[..., 1::2] = x[..., 0::2] * sine + x[..., 1::2] * cosine
        return turned

    def cached(self, x):
        """``x`` (heads, T, head_dim) as int4 holds it, and its steps (heads, T)."""
        if not self._rounded:
            return x, None
        low, high = np.minimum(x.min(-1, keepdims=True), 0), np.maximum(x.max(-1, keepdims=True), 0)
        step = np.maximum(high - low, np.finfo(np.float32).tiny) / _INT4_STEPS
        zero = np.clip(np.rint(-low / step * 16), 0, 240) / 16
        return (np.clip(np.rint(x / step + zero), 0, _INT4_STEPS) - zero) * step, step[..., 0]
