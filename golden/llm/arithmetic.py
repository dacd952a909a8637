"""What stands between the matrices of a model, in float32, with or without the integer decoder's rounding.

The integer decoder rounds the inputs of every matrix, the queries and the weights of the cached values to int8, keys
and values to int4. Here floats are rounded to the same levels (golden.llm.rounding), at the speed of matrix products:
what a calibration has to see, and a quick estimate of a compressed model's accuracy (perplexity.py measures it).
"""

import numpy as np
from scipy.special import expit

from golden.llm import rounding
from golden.spec import BIASED


class Arithmetic:
    """Functions of hidden states ``x`` (tokens, dim) of a model with this ``spec``.

    ``int8`` rounds what enters a product besides weights, keys and values; ``int4``, by default with it, what is
    cached. ``span``: tokens that attention spans, by default the model's context.
    """

    def __init__(self, spec, int8=False, int4=None, span=None):
        self.spec = spec
        self._int8, self._int4 = int8, int8 if int4 is None else int4
        self._angles = spec.frequencies(spec.context if span is None else span)

    def operand(self, x):
        """``x`` (…, N) as a matrix product takes it."""
        return rounding.int8(x) if self._int8 else x

    def norm(self, x, gamma):
        """RMSNorm, as an operand."""
        return self.operand(self._normed(x, gamma))

    def _normed(self, x, gamma):
        return x / np.sqrt((x * x).mean(-1, keepdims=True) + self.spec.eps) * gamma

    def gated(self, gate, up):
        """silu(gate) · up, as an operand."""
        return self.operand(gate * expit(gate) * up)

    def projected(self, tensors, *products):
        """Queries, keys and values (T, …) before RoPE, of the ``products`` attn_q, attn_k, attn_v of a layer with
        ``tensors``: biases added, heads normed.
        """
        if self.spec.biased:
            products = [y + tensors[f"{name}_bias"] for name, y in zip(BIASED, products, strict=True)]
        if not self.spec.head_norms:
            return products
        q, k, v = products
        q, k = (
            self._normed(y.reshape(*y.shape[:-1], -1, self.spec.head_dim), tensors[norm]).reshape(y.shape)
            for y, norm in ((q, "q_norm"), (k, "k_norm"))
        )
        return q, k, v

    def turned(self, x, positions):
        """``x`` (…, T, head_dim), each token turned to its one of ``positions`` (T,): RoPE."""
        angle = np.asarray(positions, np.float64)[:, None] * self._angles
        cosine, sine = np.cos(angle).astype(np.float32), np.sin(angle).astype(np.float32)
        turned = np.empty_like(x)
        turned[..., 0::2] = x[..., 0::2] * cosine - x[..., 1::2] * sine
        turned[..., 1::2] = x[..., 0::2] * sine + x[..., 1::2] * cosine
        return turned

    def cached(self, k, v, positions):
        """``(keys, values (kv_heads, T, head_dim), the values' steps (kv_heads, T))`` as the cache holds them.

        Of projections (T, …) of the tokens at ``positions``. Steps are 1 where nothing is rounded.
        """
        k, v = (x.reshape(len(x), self.spec.kv_heads, self.spec.head_dim).transpose(1, 0, 2) for x in (k, v))
        keys = self.turned(k, positions)
        if not self._int4:
            return keys, v, np.ones(v.shape[:2], v.dtype)
        return rounding.int4(keys)[0], *rounding.int4(v)

    def scores(self, q, positions, keys):
        """(kv_heads, group, T, cached) of projections ``q`` (T, …), turned to ``positions``, with ``keys``."""
        spec = self.spec
        queries = q.reshape(len(q), spec.kv_heads, spec.group, spec.head_dim).transpose(1, 2, 0, 3)
        queries = self.operand(self.turned(queries, positions)).reshape(spec.kv_heads, -1, spec.head_dim)
        scores = queries @ keys.transpose(0, 2, 1) / np.sqrt(np.float32(spec.head_dim))
        return scores.reshape(spec.kv_heads, spec.group, len(q), -1)

    def mixed(self, scores, values, steps):
        """The heads' outputs (T, heads · head_dim), as an operand. ``scores`` are overwritten, −∞ where masked."""
        spec, count = self.spec, scores.shape[2]
        scores -= scores.max(-1, keepdims=True)
        p = np.exp(scores, out=scores)
        total = p.sum(-1, keepdims=True)
        if self._int8:
            p = rounding.value_probs(p, steps[:, None])
        mixed = (p / total).reshape(spec.kv_heads, -1, scores.shape[3]) @ values
        mixed = mixed.reshape(spec.heads, count, spec.head_dim).transpose(1, 0, 2)
        return self.operand(np.ascontiguousarray(mixed).reshape(count, -1))

    def attention(self, q, k, v, rotated=True):
        """The heads' outputs, as an operand, of projected() (T, …) of a whole sequence from position 0 on.

        ``rotated``: whether the layer has RoPE.
        """
        positions = np.arange(len(q)) * rotated
        keys, values, steps = self.cached(k, v, positions)
        scores = self.scores(q, positions, keys)
        scores[..., ~np.tri(len(q), dtype=bool)] = -np.inf
        return self.mixed(scores, values, steps)

    def layer(self, x, tensors, observe=None, attention=None):
        """``x`` (T, dim) behind a layer with ``tensors``, one of layers().

        ``observe(names, inputs)`` is called with the inputs (T, cols) of matrices that share them. ``attention`` takes
        the place of attention().
        """

        def multiply(inputs, *names):
            if observe is not None:
                observe(names, inputs)
            return [inputs @ tensors[name].T for name in names]

        qkv = multiply(self.norm(x, tensors["attn_norm"]), "attn_q", "attn_k", "attn_v")
        attend = attention or self.attention
        x = x + multiply(attend(*self.projected(tensors, *qkv), tensors["rotated"]), "attn_o")[0]
        gate_up = multiply(self.norm(x, tensors["ffn_norm"]), "ffn_gate", "ffn_up")
        return x + multiply(self.gated(*gate_up), "ffn_down")[0]


def layers(spec, tensors):
    """The ``tensors`` of each layer, {name without the layer: array}, and whether it is ``rotated``: has RoPE."""
    found = []
    for layer in range(spec.layers):
        parts = {part: tensors[f"layers.{layer}.{part}"] for part in spec.layer_parts}
        found.append(parts | {"rotated": layer not in spec.unrotated})
    return found
