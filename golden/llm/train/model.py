"""The decoder in torch: whole windows of text at once, in float or as the integer decoder computes it."""

import torch
import torch.nn.functional as F

from golden.errors import InputError
from golden.lambda_attention import LambdaRule
from golden.llm.train import quantisers


class TorchDecoder(torch.nn.Module):
    """A Llama-like decoder of ``spec`` (ModelSpec) with Λ attention, for training.

    ``tensors`` maps the names of ``spec.tensors`` to float arrays; without it they are drawn at random. ``sinks`` and
    ``window`` mean what they mean to golden.decoder. With ``kinds`` ({matrix: format of golden.formats.matrix}) every
    rounding of the integer decoder takes place: these of the weights, int8 activations, int4 keys and values. ``grids``
    ({matrix: (scale (rows, blocks) or None, master (rows,))}) fixes the scales of matrices; others follow the weights.
    """

    def __init__(self, spec, tensors=None, sinks=None, window=None, kinds=None, grids=None):
        super().__init__()
        self.spec = spec
        if spec.biased or spec.head_norms or spec.unrotated:
            raise InputError("training: only decoders without biases and norms of heads and with RoPE in every layer")
        self.rule = LambdaRule.of(spec, sinks, window)
        self.kinds = kinds
        self.grids = grids or {}
        self.parts = torch.nn.ParameterDict()
        for name, shape in spec.tensors.items():
            value = _initial(name, shape, spec) if tensors is None else torch.tensor(tensors[name])
            self.parts[_key(name)] = torch.nn.Parameter(value.float())
        self.growths = torch.nn.ParameterDict(
            {
                _key(name): torch.nn.Parameter(torch.zeros_like(scale))
                for name, (scale, _) in self.grids.items()
                if scale is not None
            }
        )
        self._angles = torch.tensor(spec.frequencies(self.rule.capacity))

    def tensor(self, name):
        """The trained parameter ``name`` of ``spec.tensors``."""
        return self.parts[_key(name)]

    def weight(self, name):
        """Matrix ``name`` as products use it."""
        value = self.tensor(name)
        if self.kinds is None:
            return value
        return quantisers.matrix(value, self.kinds[name], self.grids.get(name), self.growth(name))

    def growth(self, name):
        """How much the scales of matrix ``name`` have grown (quantisers.grown()): None where no grid was given."""
        return self.growths.get(_key(name))

    def forward(self, tokens):
        """Logits (B, T, vocab) of ``tokens`` (B, T), each row a text from position 0."""
        states, head = self.final(tokens)
        return F.linear(states, head).float()

    def final(self, tokens):
        """``(states (B, T, dim), head (vocab, dim))``: whose products are the logits of forward()."""
        embedding = self.weight("embedding")
        x = embedding[tokens]
        views = self.views(tokens.shape[1])
        for layer in range(self.spec.layers):
            x = self.block(layer, x, views)
        x = self._norm(x, "final_norm")
        return self._activations(x), embedding if self.spec.tied else self.weight("head")

    def block(self, layer, x, views):
        """The hidden states (B, T, dim) after ``layer``; ``views`` = views(T)."""
        name = f"layers.{layer}."
        x = x + self._attention(self._norm(x, name + "attn_norm"), name, views)
        return x + self._feed_forward(self._norm(x, name + "ffn_norm"), name)

    def views(self, length):
        """What ``length`` positions see: rotations near and far (length, 1, pairs), and the mask (length, length)."""
        at = torch.arange(length)
        near, far = (
            torch.polar(torch.ones(1, dtype=torch.float64), p[:, None] * self._angles)[:, None].to(torch.cfloat)
            for p in (at, at.clamp(max=self.rule.capacity - 1))
        )
        met = (at <= at[:, None]) & ((at < self.rule.sinks) | (at > at[:, None] - self.rule.window))
        return near, far, torch.zeros(length, length).masked_fill_(~met, float("-inf"))

    def _norm(self, x, name):
        return F.rms_norm(x.float(), (self.spec.dim,), self.tensor(name), self.spec.eps)

    def _activations(self, x):
        return x if self.kinds is None else quantisers.a8(x.float())

    def _feed_forward(self, x, name):
        x = self._activations(x)
        gate, up = F.linear(x, self.weight(name + "ffn_gate")), F.linear(x, self.weight(name + "ffn_up"))
        return F.linear(self._activations(F.silu(gate) * up), self.weight(name + "ffn_down")).float()

    def _attention(self, x, name, views):
        spec, (batch, length, _) = self.spec, x.shape
        near, far, mask = views
        x = self._activations(x)

        def heads(matrix, count):
            return F.linear(x, self.weight(name + matrix)).float().view(batch, length, count, spec.head_dim)

        q, k, v = heads("attn_q", spec.heads), heads("attn_k", spec.kv_heads), heads("attn_v", spec.kv_heads)
        k, value_step = rotate(k, near), None
        if self.kinds is not None:
            (k, _), (v, value_step) = quantisers.kv4(k), quantisers.kv4(v)
        k, v = k.transpose(1, 2), v.transpose(1, 2)

        def scores(rotation, keys):
            turned = self._activations(rotate(q, rotation)) / spec.head_dim**0.5
            grouped = turned.view(batch, length, spec.kv_heads, spec.group, spec.head_dim).permute(0, 2, 3, 1, 4)
            products = grouped.reshape(batch, spec.kv_heads, -1, spec.head_dim) @ keys.transpose(2, 3)
            return products.float().view(batch, spec.kv_heads, spec.group, length, -1)

        logits = scores(near, k)
        sinks = self.rule.sinks
        if sinks and length > self.rule.capacity:
            logits = torch.cat([scores(far, k[:, :, :sinks]), logits[..., sinks:]], dim=-1)
        p = torch.softmax(logits + mask, dim=-1)
        if self.kinds is not None:
            p = quantisers.value_probs(p, value_step.transpose(1, 2)[:, :, None, None])
        mixed = (p.view(batch, spec.kv_heads, -1, length) @ v).float()
        mixed = mixed.view(batch, spec.heads, length, spec.head_dim).transpose(1, 2).reshape(batch, length, -1)
        return F.linear(self._activations(mixed), self.weight(name + "attn_o")).float()


def two_bits(spec):
    """The formats of ``kinds`` in which all that a layer multiplies by is w2 with 2:4, the embedding and head w8."""
    return {name: "w8" if name in ("embedding", "head") else "w2" for name in spec.matrices}


def rotate(x, rotation):
    """``x`` (B, T, heads, head_dim) with its interleaved pairs turned by ``rotation`` (T, 1, head_dim/2) complex."""
    pairs = torch.view_as_complex(x.float().reshape(*x.shape[:-1], -1, 2))
    return torch.view_as_real(pairs * rotation).flatten(-2)


def _key(name):
    return name.replace(".", "/")  # torch takes a dot for a submodule


def _initial(name, shape, spec):
    if len(shape) == 1:
        return torch.ones(shape)
    if name in ("embedding", "head"):
        return torch.randn(shape) * 0.02
    last = name.endswith(("attn_o", "ffn_down"))  # adds to the residual stream, twice per layer
    return torch.randn(shape) * (shape[1] ** -0.5 / ((2 * spec.layers) ** 0.5 if last else 1))
