"""Texts that a decoder in torch goes on with: many at a time, token by token."""

import torch
import torch.nn.functional as F

from golden.llm.train import quantisers
from golden.llm.train.model import rotate


@torch.no_grad()
def continue_texts(model, prompts, length, temperature=0.0, seed=0, dtype=torch.float32, ends=(), turns=()):
    """``(tokens (B, length), own (B, length), states (B, length, dim))``: texts that begin with ``prompts`` (B lists of
    tokens) and go on as ``model`` (TorchDecoder with kinds) does; which tokens it chose; the state after the last norm
    at every token.

    A choice is the most likely token, or drawn at ``temperature`` with the noise of ``seed``. Behind one of ``ends``
    comes the next of ``turns`` (lists of tokens), while there is one. Products are of ``dtype``.
    """
    begun = torch.tensor([len(prompt) for prompt in prompts])
    tokens = torch.zeros(len(prompts), length, dtype=torch.long)
    for text, prompt in zip(tokens, prompts, strict=True):
        _put(text, 0, prompt)
    own = torch.zeros_like(tokens, dtype=torch.bool)
    states = torch.empty(len(prompts), length, model.spec.dim)
    generator, turns = torch.Generator().manual_seed(seed), iter(turns)
    forward = _Forward(model, len(prompts), length, dtype)
    for at in range(length):
        states[:, at] = forward.step(tokens[:, at], at)
        if begun.min() <= at + 1 < length:
            logits = forward.logits(states[:, at])
            if temperature:
                noise = torch.rand(logits.shape, generator=generator).clamp(min=1e-20)
                logits = logits / temperature - torch.log(-torch.log(noise))  # the largest is a sample of the softmax
            own[:, at + 1] = begun <= at + 1
            tokens[:, at + 1] = torch.where(own[:, at + 1], logits.argmax(-1), tokens[:, at + 1])
            ended = own[:, at + 1] & torch.isin(tokens[:, at + 1], torch.tensor(ends))
            for text, turn in zip(torch.nonzero(ended)[:, 0], turns, strict=False):
                _put(tokens[text], at + 2, turn)
                begun[text] = at + 2 + len(turn)
    return tokens, own, states


def _put(text, at, tokens):
    """As many of ``tokens`` as there is room for behind place ``at`` of ``text`` (length,)."""
    part = tokens[: max(0, len(text) - at)]
    text[at : at + len(part)] = torch.tensor(part, dtype=torch.long)


class _Forward:
    """A token of every text at a time, with caches of all that came before."""

    def __init__(self, model, batch, length, dtype):
        spec = model.spec
        self._model, self._spec, self._rule, self._dtype = model, spec, model.rule, dtype
        self._embedding = model.weight("embedding")
        self._weights = {name: model.weight(name).to(dtype) for name in spec.matrices}
        self._near, self._far, _ = model.views(length)
        shape = (spec.layers, batch, spec.kv_heads, length)
        self._keys, self._values = (torch.zeros(*shape, spec.head_dim, dtype=dtype) for _ in range(2))
        self._steps = torch.ones(shape)

    def step(self, tokens, at):
        """The state (B, dim) after the last norm of ``tokens`` (B,) at position ``at``."""
        x = self._embedding[tokens]
        for layer in range(self._spec.layers):
            name = f"layers.{layer}."
            x = x + self._attention(layer, x, at)
            normed = self._rounded(self._norm(x, name + "ffn_norm"))
            gate, up = self._multiply(normed, name + "ffn_gate"), self._multiply(normed, name + "ffn_up")
            x = x + self._multiply(self._rounded(F.silu(gate) * up), name + "ffn_down")
        return self._norm(x, "final_norm")

    def logits(self, states):
        """What ``states`` (B, dim) say of the next tokens: (B, vocab)."""
        return self._multiply(self._rounded(states), "embedding" if self._spec.tied else "head")

    def _attention(self, layer, x, at):
        spec, rule, name, batch = self._spec, self._rule, f"layers.{layer}.", len(x)
        normed = self._rounded(self._norm(x, name + "attn_norm"))
        q, k, v = (
            self._multiply(normed, name + product).view(batch, 1, heads, spec.head_dim)
            for product, heads in (("attn_q", spec.heads), ("attn_k", spec.kv_heads), ("attn_v", spec.kv_heads))
        )
        now = slice(at, at + 1)
        self._keys[layer, :, :, at] = quantisers.kv4(rotate(k, self._near[now]))[0][:, 0]
        value, step = quantisers.kv4(v)
        self._values[layer, :, :, at], self._steps[layer, :, :, at] = value[:, 0], step[:, 0]
        met = slice(at + 1)
        if at >= rule.capacity:
            met = [*range(rule.sinks), *range(at - rule.window + 1, at + 1)]
        keys, values, steps = (part[layer][:, :, met] for part in (self._keys, self._values, self._steps))

        def scores(rotation, keys):
            turned = self._rounded(rotate(q, rotation[now])).view(batch, spec.kv_heads, spec.group, -1)
            return (turned @ keys.transpose(2, 3)).float() / spec.head_dim**0.5

        logits = scores(self._near, keys)
        if rule.sinks and at >= rule.capacity:
            logits = torch.cat([scores(self._far, keys[:, :, : rule.sinks]), logits[..., rule.sinks :]], dim=-1)
        p = quantisers.value_probs(torch.softmax(logits, dim=-1), steps[:, :, None])
        mixed = (p.to(self._dtype) @ values).float().reshape(batch, -1)
        return self._multiply(self._rounded(mixed), name + "attn_o")

    def _norm(self, x, name):
        return F.rms_norm(x, (self._spec.dim,), self._model.tensor(name), self._spec.eps)

    def _rounded(self, x):
        return quantisers.a8(x).to(self._dtype)

    def _multiply(self, x, name):
        return F.linear(x, self._weights[name]).float()
