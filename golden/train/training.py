"""The one training loop: next-token prediction, or a student's distillation from its float teacher."""

import math
import os
import time
from dataclasses import dataclass

import torch
import torch.nn.functional as F

from golden.errors import InputError

_REPORT = 10  # steps
_ROWS = 32  # of logits, compared at a time


@dataclass(frozen=True)
class Recipe:
    """``steps`` of ``batch`` windows of ``length`` tokens; AdamW whose rate rises to ``rate`` and falls as a cosine."""

    steps: int
    rate: float
    batch: int = 16
    length: int = 256
    warm_up: int = 100
    decay: float = 0.1  #: weight decay of matrices
    relative: bool = False  #: ``rate`` is a share of every tensor's root mean square: what is trained has its own size
    seed: int = 0

    def rate_at(self, step):
        rising = (step + 1) / self.warm_up
        progress = min(1.0, step / self.steps)
        return self.rate * min(rising, 0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * progress)))


def train(model, tokens, recipe, teacher=None, mix=0.5, checkpoint=None, report=None, validate=None, every=250):
    """Train ``model`` (TorchDecoder) on ``tokens`` (N,) int64; returns the seconds spent.

    With ``teacher`` (TorchDecoder) the loss is ``mix`` times the divergence from its predictions plus 1 − mix times
    that of the text. ``checkpoint`` is a file from which an interrupted run of the same recipe goes on, with the same
    result. ``report(line)`` gets progress every 10 steps, and every ``every`` steps the value of ``validate(model)``.
    Products run in bfloat16, everything else in float32.
    """
    trained = [value for value in model.parameters() if value.requires_grad]
    groups = [
        {
            "params": [value],
            "weight_decay": recipe.decay if value.ndim > 1 else 0.0,
            "size": float(value.detach().square().mean().sqrt()) if recipe.relative else 1.0,
        }
        for value in trained
    ]
    optimiser = torch.optim.AdamW(groups, lr=recipe.rate, betas=(0.9, 0.95))
    step, spent = 0, 0.0
    if checkpoint is not None and os.path.exists(checkpoint):
        step, spent = _restore(checkpoint, recipe, model, optimiser)
    started, total = time.perf_counter() - spent, 0.0
    while step < recipe.steps:
        inputs, targets = windows(tokens, recipe, step)
        for group in optimiser.param_groups:
            group["lr"] = recipe.rate_at(step) * group["size"]
        with torch.autocast("cpu", torch.bfloat16):
            loss = _loss(model, inputs, targets, teacher, mix)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        step += 1
        total += float(loss.detach())
        if report is not None and step % _REPORT == 0:
            report(f"step {step}/{recipe.steps} loss {total / _REPORT:.4f} {time.perf_counter() - started:.0f} s")
            total = 0.0
        if step % every == 0 or step == recipe.steps:
            spent = time.perf_counter() - started
            if checkpoint is not None:
                _save(checkpoint, recipe, model, optimiser, step, spent)
            if validate is not None and report is not None:
                report(f"step {step} validation {validate(model):.3f}")
    return time.perf_counter() - started


def windows(tokens, recipe, step):
    """The inputs and targets (batch, length) of ``step``: windows at places drawn from seed and step alone."""
    generator = torch.Generator().manual_seed(recipe.seed * 1_000_003 + step)
    first = torch.randint(0, len(tokens) - recipe.length, (recipe.batch, 1), generator=generator)
    chosen = tokens[first + torch.arange(recipe.length + 1)]
    return chosen[:, :-1], chosen[:, 1:]


@torch.no_grad()
def perplexity(model, tokens, length=256, batch=16):
    """exp of the mean negative log-likelihood of ``tokens`` (N,), in float32 windows as golden.perplexity cuts them."""
    count = len(tokens) // length
    rows = tokens[: count * length].view(count, length)
    total = 0.0
    for part in rows.split(batch):
        logits = model(part)[:, :-1]
        total += float(F.cross_entropy(logits.flatten(0, 1), part[:, 1:].flatten(), reduction="sum"))
    return math.exp(total / (count * (length - 1)))


def _loss(model, inputs, targets, teacher, mix):
    logits = model(inputs).flatten(0, 1)
    loss = 0.0
    if teacher is None or mix < 1:
        loss = F.cross_entropy(logits, targets.flatten())
    if teacher is not None:
        with torch.no_grad():
            wanted = teacher(inputs).flatten(0, 1)
        loss = mix * divergence(logits, wanted) + (1 - mix) * loss
    return loss


def divergence(logits, wanted):
    """Kullback-Leibler divergence, in nats per token, of the predictions ``logits`` (N, vocab) from ``wanted`` ones."""
    return _Divergence.apply(logits, wanted)


class _Divergence(torch.autograd.Function):
    """Some rows at a time, with the gradient on the way: twice as fast as kl_div() of two log_softmax(), whose
    intermediate results for a vocabulary of 49,152 leave every cache.
    """

    @staticmethod
    def forward(ctx, logits, wanted):
        gradient, total = torch.empty_like(logits), 0.0
        for first in range(0, len(logits), _ROWS):
            part = slice(first, first + _ROWS)
            ours, theirs = F.log_softmax(logits[part], dim=-1), F.log_softmax(wanted[part], dim=-1)
            p = theirs.exp()
            total += torch.dot(p.flatten(), (theirs - ours).flatten())
            torch.sub(ours.exp_(), p, out=gradient[part])
        ctx.save_for_backward(gradient.div_(len(logits)))
        return total / len(logits)

    @staticmethod
    def backward(ctx, scale):
        return ctx.saved_tensors[0] * scale, None


def _restore(path, recipe, model, optimiser):
    """Steps done and seconds spent by the run in ``path``: none, and nothing restored, where its recipe was another."""
    try:
        state = torch.load(path, weights_only=True)
        if state["recipe"] != repr(recipe):
            return 0, 0.0
        model.load_state_dict(state["model"])
        optimiser.load_state_dict(state["optimiser"])
        return state["step"], state["spent"]
    except Exception:  # torch raises many types for a file that is damaged or of another model
        raise InputError(f"{path}: not a checkpoint of this model; remove it to begin again") from None


def _save(path, recipe, model, optimiser, step, spent):
    state = {"recipe": repr(recipe), "step": step, "spent": spent}
    state |= {"model": model.state_dict(), "optimiser": optimiser.state_dict()}
    temporary = f"{path}.new"
    torch.save(state, temporary)
    os.replace(temporary, path)
