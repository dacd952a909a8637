"""The one training loop: next-token prediction, or a student's distillation from its float teacher."""

import math
import os
import time
from dataclasses import dataclass

import torch
import torch.nn.functional as F

from golden.errors import InputError
from golden.files import replacing

_REPORT = 10  # steps
_ROWS = 128  # of logits at a time


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
    that of the text. ``checkpoint`` is a file from which an interrupted run of the same recipe and mix goes on, to
    the same result. ``report(line)`` gets progress every 10 steps, and at the start and every ``every`` steps the
    value of ``validate(model)``.
    Products run in bfloat16, everything else in float32.
    """
    trained = [value for value in model.parameters() if value.requires_grad]
    groups = [
        {
            "params": [value],
            "weight_decay": recipe.decay if value.ndim > 1 else 0.0,
            "size": _size(value) if recipe.relative else 1.0,
        }
        for value in trained
    ]
    optimiser = torch.optim.AdamW(groups, lr=recipe.rate, betas=(0.9, 0.95))
    step, spent = 0, 0.0
    aim = repr((recipe, 0 if teacher is None else mix))
    if checkpoint is not None and os.path.exists(checkpoint):
        step, spent = _restore(checkpoint, aim, model, optimiser)
    validating = validate is not None and report is not None
    if validating and step == 0:
        report(f"step 0 validation {validate(model):.3f}")
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
                _save(checkpoint, aim, model, optimiser, step, spent)
            if validating:
                report(f"step {step} validation {validate(model):.3f}")
    return time.perf_counter() - started


@torch.no_grad()
def _size(value):
    """Root mean square of ``value``; 1 of zeros: these are logarithms (TorchDecoder.growth())."""
    return float(value.square().mean().sqrt()) or 1.0


def windows(tokens, recipe, step):
    """The inputs and targets (batch, length) of ``step``: windows at places drawn from seed and step alone."""
    generator = torch.Generator().manual_seed(recipe.seed * 1_000_003 + step)
    first = torch.randint(0, len(tokens) - recipe.length, (recipe.batch, 1), generator=generator)
    chosen = tokens[first + torch.arange(recipe.length + 1)]
    return chosen[:, :-1], chosen[:, 1:]


@torch.no_grad()
def perplexity(model, tokens, length=256, batch=16):
    """exp of the mean negative log-likelihood of ``tokens`` (N,), in float32 windows as perplexity.py cuts them."""
    count = len(tokens) // length
    rows = tokens[: count * length].view(count, length)
    total = 0.0
    for part in rows.split(batch):
        logits = model(part)[:, :-1]
        total += float(F.cross_entropy(logits.flatten(0, 1), part[:, 1:].flatten(), reduction="sum"))
    return math.exp(total / (count * (length - 1)))


def _loss(model, inputs, targets, teacher, mix):
    wanted = None
    if teacher is None:
        mix = 0.0
    else:
        with torch.no_grad():
            wanted = [part.flatten(0, -2) for part in teacher.final(inputs)]
    states, head = model.final(inputs)
    return prediction_loss(states.flatten(0, 1), head, targets.flatten(), wanted, mix)


def prediction_loss(states, head, targets, wanted=None, mix=0.0):
    """``mix`` times the divergence from the predictions ``wanted`` plus 1 − ``mix`` times the loss of the text.

    Logits are the products of ``states`` (N, dim) and ``head`` (vocab, dim); ``wanted`` is such a pair, without a
    gradient, ``targets`` (N,) the text. Both losses are in nats per token, averages: the Kullback-Leibler divergence
    of the predictions, and the negative log-likelihood.
    """
    return _PredictionLoss.apply(states, head, targets, wanted, mix)


class _PredictionLoss(torch.autograd.Function):
    """Some rows at a time, each with its gradient: logits never are in memory as a whole. With a vocabulary of 49,152,
    2,048 tokens take 1.5 s and 0.7 GB so, instead of 4 s and 2.7 GB.
    """

    @staticmethod
    def forward(ctx, states, head, targets, wanted, mix):
        narrow = torch.get_autocast_dtype("cpu") if torch.is_autocast_enabled("cpu") else head.dtype
        head = head.to(narrow)
        theirs = None if wanted is None else [part.to(narrow) for part in wanted]
        states_gradient = torch.empty_like(states)
        head_gradient = torch.zeros(head.shape) if ctx.needs_input_grad[1] else None
        total = 0.0
        for first in range(0, len(states), _ROWS):
            part = slice(first, first + _ROWS)
            rows = states[part].to(narrow)
            ours = F.log_softmax((rows @ head.T).float(), dim=-1)
            text = ours.gather(1, targets[part, None])
            gradient = ours.exp()
            if theirs is not None:
                aim = F.log_softmax((theirs[0][part] @ theirs[1].T).float(), dim=-1)
                p = aim.exp()
                total += mix * torch.dot(p.flatten(), aim.sub_(ours).flatten())
                gradient.sub_(p, alpha=mix)
            total -= (1 - mix) * text.sum()
            gradient.scatter_add_(1, targets[part, None], text.new_full(text.shape, mix - 1))
            gradient = gradient.to(narrow)
            states_gradient[part] = gradient @ head
            if head_gradient is not None:
                head_gradient += gradient.T @ rows
        ctx.save_for_backward(states_gradient, head_gradient)
        ctx.rows = len(states)
        return total / len(states)

    @staticmethod
    def backward(ctx, scale):
        scale = scale / ctx.rows
        states, head = (None if part is None else part * scale for part in ctx.saved_tensors)
        return states, head, None, None, None


def _restore(path, aim, model, optimiser):
    """Steps done and seconds spent by the run in ``path``: none, and nothing restored, where it had another aim."""
    try:
        state = torch.load(path, weights_only=True)
        if state["aim"] != aim:
            return 0, 0.0
        model.load_state_dict(state["model"])
        optimiser.load_state_dict(state["optimiser"])
        return state["step"], state["spent"]
    except Exception:  # torch raises many types for a file that is damaged or of another model
        raise InputError(f"{path}: not a checkpoint of this model; remove it to begin again") from None


def _save(path, aim, model, optimiser, step, spent):
    state = {"aim": aim, "step": step, "spent": spent}
    state |= {"model": model.state_dict(), "optimiser": optimiser.state_dict()}
    with replacing(path, "wb") as file:
        try:
            torch.save(state, file)
        except RuntimeError:  # what torch makes of a write that fails
            raise InputError(f"cannot write {path}; is the disk full?") from None
