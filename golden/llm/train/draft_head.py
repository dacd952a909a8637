"""Training of a draft head (golden.llm.draft_head) behind a compressed model, which stays as it is.

The head learns from texts that the model wrote itself, as drafts are guesses of these. Half the aim is the model's own
distribution of the token, half its most likely one (Medusa's self-distillation, arXiv 2401.10774). Where the model
chose, the head is given that token, so that it learns all drafts of a pass at once.
"""

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F

from golden.draft_shapes import DOWN, HEAD, MATRICES, TOKEN, draft_shapes
from golden.llm.train import quantisers
from golden.llm.train.export import matrix_of

_REPORT = 100  # steps
_WARM_UP = 50  # steps
_BEGINNING = {TOKEN: 0.5, DOWN: 0.3}  # of a random matrix's size: what is added to the state is small at first


@dataclass(frozen=True)
class DraftRecipe:
    """``steps`` of ``batch`` places in texts, at ``rate``; ``drafts`` in a row from each. AdamW as Recipe's. Before
    them come ``float_steps`` without rounding, at ``float_rate``. Products are of ``dtype``."""

    steps: int = 2000
    float_steps: int = 500
    rate: float = 2e-3
    float_rate: float = 2e-3
    batch: int = 512
    drafts: int = 3
    decay: float = 0.01
    seed: int = 0
    dtype: torch.dtype = torch.float32


class TorchDraftHead(torch.nn.Module):
    """A head of ``size`` (DraftSize) behind models of ``spec`` whose ``embedding`` (vocab, dim) and ``output`` (vocab,
    dim) matrices are these. Matrices are rounded to the format ``kind``, activations to int8, unless it is None."""

    def __init__(self, spec, embedding, output, size, kind=None, seed=0):
        super().__init__()
        self.kind, self.vocab = kind, size.vocab
        self.register_buffer("embedding", embedding)
        generator = torch.Generator().manual_seed(seed)
        self._weights = torch.nn.ParameterDict()
        for name, (rows, cols) in draft_shapes(spec, size).items():
            drawn = torch.randn(rows, cols, generator=generator) * (_BEGINNING.get(name, 1.0) * cols**-0.5)
            self._weights[_key(name)] = torch.nn.Parameter(output[:rows].clone() if name == HEAD else drawn)

    def forward(self, state, tokens):
        """The logits (N, vocab) behind each of ``tokens`` (drafts, N); before the first one was ``state`` (N, dim)."""
        token, gate, up, down, head = map(self._product, MATRICES)
        for one in tokens:
            state = state + token(self.embedding[one])
            state = state + down(F.silu(gate(state)) * up(state))
            yield head(state)

    def _product(self, name):
        """The function that multiplies with matrix ``name``."""
        weights = self._weights[_key(name)]
        if self.kind is None:
            return lambda x: F.linear(x, weights).float()
        rounded = quantisers.matrix(weights, self.kind)
        return lambda x: F.linear(quantisers.a8(x), rounded).float()

    def matrices(self):
        """``{name: QuantisedMatrix}`` as AccModel's ``draft`` has it."""
        return {name: matrix_of(self._weights[_key(name)], self.kind) for name in MATRICES}


def train_draft_head(head, kind, output, tokens, own, states, recipe, report=None):
    """Train ``head`` (TorchDraftHead) on texts ``tokens`` (B, T), of which a model chose ``own`` (B, T). Its ``states``
    (B, T, dim) give its logits with ``output`` (vocab, dim). First in float, then in the format ``kind``."""
    places = torch.nonzero(own[:, 1 : tokens.shape[1] - recipe.drafts])
    output = output[: head.vocab].to(recipe.dtype)
    for part, (steps, rate) in enumerate(((recipe.float_steps, recipe.float_rate), (recipe.steps, recipe.rate))):
        head.kind = kind if part else None
        _train(head, output, tokens, states, places, recipe, steps, rate, recipe.seed + part, report)


def _train(head, output, tokens, states, places, recipe, steps, rate, seed, report):
    optimiser = torch.optim.AdamW(head.parameters(), lr=rate, betas=(0.9, 0.95), weight_decay=recipe.decay)
    generator, total = torch.Generator().manual_seed(seed), 0.0
    for step in range(steps):
        text, at = places[torch.randint(0, len(places), (recipe.batch,), generator=generator)].T
        for group in optimiser.param_groups:
            cosine = 0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * step / steps))
            group["lr"] = rate * min(1.0, (step + 1) / _WARM_UP) * cosine
        with torch.autocast("cpu", recipe.dtype, enabled=recipe.dtype != torch.float32):
            loss = _loss(head, output, tokens, states, text, at, recipe.drafts)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(head.parameters(), 1.0)
        optimiser.step()
        total += float(loss.detach())
        if report is not None and (step + 1) % _REPORT == 0:
            report(f"{head.kind or 'float'}: step {step + 1}/{steps} loss {total / _REPORT:.4f}")
            total = 0.0


def _loss(head, output, tokens, states, text, at, drafts):
    """Mean over the drafts of ``drafts`` passes' places from place ``at`` of each ``text`` on."""
    behind, total = [at + back for back in range(1, drafts + 1)], 0.0
    found = head(states[text, at].float(), [tokens[text, place] for place in behind])
    for place, logits in zip(behind, found, strict=True):
        ours = F.log_softmax(logits, dim=-1)
        with torch.no_grad():
            theirs = F.softmax(F.linear(states[text, place].to(output.dtype), output).float(), dim=-1)
        total = total - 0.5 * (theirs * ours).sum(-1).mean() + 0.5 * F.nll_loss(ours, theirs.argmax(-1))
    return total / drafts


def _key(name):
    return name.replace(".", "/")  # torch takes a dot for a submodule
