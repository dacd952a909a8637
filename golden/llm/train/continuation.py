"""Texts that a decoder in torch goes on with: many at a time, token by token."""

import torch
import torch.nn.functional as F

from golden.llm.train import quantisers
from golden.llm.train.model import rotate


@torch.no_grad()
def continue_texts(model, prompts, count, temperature=0.0, seed=0):
    """``(tokens (B, P + count), states (B, P + count, dim))``: ``prompts`` (B, P) and what ``model`` (TorchDecoder with
    kinds) writes behind them, with the state after the last norm at every token.

    Each token is the most likely one, or drawn at ``temperature`` with the noise of ``seed``.
    """
    spec, (batch, begun) = model.spec, prompts.shape
    length = begun + count
    tokens = F.pad(prompts, (0, count))
    states = torch.empty(batch, length, spec.dim)
    generator = torch.Generator().manual_seed(seed)
    forward = _Forward(model, batch, length)
    for at in range(length):
        states[:, at] = forward.step(tokens[:, at], at)
        if begun <= at + 1 < length:
            logits = quantisers.a8(states[:, at]) @ forward.head.T
            if temperature:
                noise = torch.rand(logits.shape, generator=generator).clamp(min=1e-20)
                logits = logits / temperature - torch.log(-torch.log(noise))  # the largest is a sample of the softmax
            tokens[:, at + 1] = logits.argmax(-1)
    return tokens, states


class _Forward:
    """A token of every text at a time, with caches of all that came before."""

    def __init__(self, model, batch, length):
        spec = model.spec
        self._model, self._spec, self._rule = model, spec, model.rule
        self._weights = {name: model.weight(name) for name in spec.matrices}
        self.head = self._weights["embedding" if spec.tied else "head"]
        self._near, self._far, _ = model.views(length)
        shape = (spec.layers, batch, spec.kv_heads, length)
        self._keys, self._values = (torch.zeros(*shape, spec.head_dim) for _ in range(2))
        self._steps = torch.ones(shape)

    def step(self, tokens, at):
        """The state (B, dim) after the last norm of ``tokens`` (B,) at position ``at``."""
        x = self._weights["embedding"][tokens]
        for layer in range(self._spec.layers):
            x = x + self._attention(layer, x, at)
            normed = self._normed(x, layer, "ffn_norm")
            gate, up = self._multiply(normed, layer, "ffn_gate"), self._multiply(normed, layer, "ffn_up")
            x = x + self._multiply(quantisers.a8(F.silu(gate) * up), layer, "ffn_down")
        return self._norm(x, "final_norm")

    def _attention(self, layer, x, at):
        spec, sinks, batch = self._spec, self._rule.sinks, len(x)
        normed = self._normed(x, layer, "attn_norm")
        q, k, v = (
            self._multiply(normed, layer, name).view(batch, 1, heads, spec.head_dim)
            for name, heads in (("attn_q", spec.heads), ("attn_k", spec.kv_heads), ("attn_v", spec.kv_heads))
        )
        now = slice(at, at + 1)
        self._keys[layer, :, :, at] = quantisers.kv4(rotate(k, self._near[now]))[0][:, 0]
        value, step = quantisers.kv4(v)
        self._values[layer, :, :, at], self._steps[layer, :, :, at] = value[:, 0], step[:, 0]
        met = [slot for slot in range(at + 1) if slot < sinks or slot > at - self._rule.window]
        keys, values, steps = (part[layer][:, :, met] for part in (self._keys, self._values, self._steps))

        def scores(rotation, keys):
            turned = quantisers.a8(rotate(q, rotation[now])) / spec.head_dim**0.5
            return turned.view(batch, spec.kv_heads, spec.group, -1) @ keys.transpose(2, 3)

        logits = scores(self._near, keys)
        if sinks and at >= self._rule.capacity:
            logits = torch.cat([scores(self._far, keys[:, :, :sinks]), logits[..., sinks:]], dim=-1)
        p = quantisers.value_probs(torch.softmax(logits, dim=-1), steps[:, :, None])
        return self._multiply(quantisers.a8((p @ values).reshape(batch, -1)), layer, "attn_o")

    def _norm(self, x, name):
        return F.rms_norm(x, (self._spec.dim,), self._model.tensor(name), self._spec.eps)

    def _normed(self, x, layer, name):
        return quantisers.a8(self._norm(x, f"layers.{layer}.{name}"))

    def _multiply(self, x, layer, name):
        return F.linear(x, self._weights[f"layers.{layer}.{name}"])
