"""The roundings of the integer decoder as differentiable functions.

Forward, each gives the real numbers that the integers of its golden unit stand for; backward, the gradient passes as if
nothing had been rounded (straight-through, arXiv 1308.3432). The units' own 16-bit scales are modelled for weights,
which are exported bit for bit, and not for activations, where they are a relative 2^-15; nor is which way an activation
exactly between two levels goes.
"""

import itertools

import torch

from golden.formats.matrix import BLOCK
from golden.formats.w8 import MAX_WEIGHT
from golden.numerics import MANTISSA_BITS
from golden.units.kv_step import STEPS, ZERO_FRACTION
from golden.units.quantise_step import LEVELS
from golden.units.softmax import BOUND_LEVEL

_LARGEST_SCALE = 255
_FIRST_SCALE = 0.52  # of a block's mean kept |weight|: nearest to the best of many starts, for Gaussian weights
_REFINEMENTS = 3
_SMALLEST = 2.0**-30  # of a scale: a row or block of zeros has one, too


class _StraightThrough(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, rounded):
        return rounded

    @staticmethod
    def backward(ctx, gradient):
        return gradient, None


def straight_through(x, rounded):
    """``rounded``, with the gradient of ``x``; both of one shape."""
    return _StraightThrough.apply(x, rounded)


@torch.no_grad()
def w2_integers(weights, grid=None):
    """``weights`` (rows, cols) float32 → ``(levels (rows, cols), scale (rows, blocks), master (rows,))``, all float32.

    Per group of four the two largest |weights| may stay; levels are 0, ±1, ±3. A block's scale is the least-squares
    one for its levels, found by alternating the two from a fixed fraction of the mean; it is rounded to 1 … 255 times
    the channel's master, which the channel's largest scale sets. ``grid`` = (scale, master) where they are fixed.
    """
    padded = _blocks(weights)
    groups = padded.reshape(-1, 4)
    pruned = (groups * _two_largest(groups.abs())).reshape(padded.shape)
    scale, master = _w2_grid(pruned) if grid is None else grid
    levels = _w2_levels(pruned, scale * master[:, None])
    return levels.reshape(len(weights), -1)[:, : weights.shape[1]], scale, master


def _two_largest(groups):
    """Which two of each four in ``groups`` (N, 4) are the largest, of equal ones the first: (N, 4), 0.0 or 1.0.

    By comparing each with each, five times as fast as topk().
    """
    columns = groups.unbind(1)
    before = [torch.zeros(len(groups), dtype=torch.int8) for _ in columns]  # how many go before each
    for left, right in itertools.combinations(range(4), 2):
        first = (columns[left] >= columns[right]).to(torch.int8)
        before[right] += first
        before[left] += 1 - first
    return torch.stack(before, dim=1).lt(2).to(groups.dtype)


def _w2_grid(pruned):
    scale = pruned.abs().sum(-1) * (_FIRST_SCALE / (BLOCK // 2))
    for _ in range(_REFINEMENTS):
        levels = _w2_levels(pruned, scale)
        scale = (pruned * levels).sum(-1) / levels.square().sum(-1).clamp(min=1)
    return _eight_bits(scale)


def _blocks(weights):
    """``weights`` (rows, cols), filled up with zeros, as (rows, blocks, 32)."""
    rows, cols = weights.shape
    blocks = -(-cols // BLOCK)
    return torch.nn.functional.pad(weights, (0, blocks * BLOCK - cols)).reshape(rows, blocks, BLOCK)


def _eight_bits(scale):
    """``scale`` (rows, blocks) as integers 1 … 255 times a master (rows,)."""
    master = sixteen_bits(scale.amax(-1) / _LARGEST_SCALE)
    return torch.floor(scale / master[:, None] + 0.5).clamp(1, _LARGEST_SCALE), master


def _w2_levels(weights, scale):
    ratio = weights / scale.clamp(min=_SMALLEST)[..., None]
    magnitude = ratio.abs()
    return ratio.sign() * ((magnitude > 0.5).float() + 2.0 * (magnitude > 2).float())


@torch.no_grad()
def w4_integers(weights, grid=None):
    """``weights`` (rows, cols) float32 → ``(levels (rows, cols) in −8 … 7, scale (rows, blocks), master (rows,))``.

    A block's scale is the smallest with which none of its weights is clipped, but for rounding to 1 … 255 times the
    channel's master. ``grid`` = (scale, master) where they are fixed.
    """
    blocks = _blocks(weights)
    if grid is None:
        grid = _eight_bits(torch.maximum(blocks.amax(-1) / 7, blocks.amin(-1) / -8))
    scale, master = grid
    levels = torch.floor(blocks / (scale * master[:, None]).clamp(min=_SMALLEST)[..., None] + 0.5).clamp(-8, 7)
    return levels.reshape(len(weights), -1)[:, : weights.shape[1]], scale, master


@torch.no_grad()
def w8_integers(weights, grid=None):
    """``weights`` (rows, cols) → ``(levels (rows, cols) in −119 … 119, None, master (rows,))``, float32."""
    master = sixteen_bits(weights.abs().amax(-1) / MAX_WEIGHT) if grid is None else grid[1]
    return torch.floor(weights / master[:, None] + 0.5).clamp(-MAX_WEIGHT, MAX_WEIGHT), None, master


#: By kind of matrix: its integers, ``(levels (rows, cols), scale (rows, blocks) or None, master (rows,))``.
INTEGERS = {"w2": w2_integers, "w4": w4_integers, "w8": w8_integers}


def sixteen_bits(values):
    """Positive ``values`` rounded to a mantissa of 16 bits, as golden.numerics.constant_scale() does."""
    mantissa, exponent = torch.frexp(values.clamp(min=_SMALLEST))
    return torch.ldexp(torch.floor(mantissa * (1 << MANTISSA_BITS) + 0.5), exponent - MANTISSA_BITS)


def matrix(weights, kind, grid=None, growth=None):
    """``weights`` (rows, cols) as a matrix of format ``kind`` holds them, with the scales of ``grid`` if given.

    ``growth`` (rows, blocks): the logarithm by which the scales of ``grid`` have grown while the levels stayed. Its
    gradient is that of the block's scale (learned step size, arXiv 1902.08153, with the levels as they are).
    """
    levels, scale, master = INTEGERS[kind](weights, grid)
    return _Matrix.apply(weights, growth, levels, grown(scale, growth), master)


@torch.no_grad()
def grown(scale, growth):
    """``scale`` (rows, blocks) or None times exp(``growth``), if there is one, as an integer from 1 to 255 again."""
    return scale if growth is None else torch.floor(scale * growth.exp() + 0.5).clamp(1, _LARGEST_SCALE)


class _Matrix(torch.autograd.Function):
    """Straight-through for the weights; saves the levels as int8, so that a large model's are not in memory twice."""

    @staticmethod
    def forward(ctx, weights, growth, levels, scale, master):
        if scale is None:
            return levels * master[:, None]
        step = scale * master[:, None]
        if growth is not None:
            ctx.save_for_backward(levels.to(torch.int8), step)
        return (_blocks(levels) * step[..., None]).reshape(len(levels), -1)[:, : levels.shape[1]]

    @staticmethod
    def backward(ctx, gradient):
        growth = None
        if ctx.needs_input_grad[1]:
            levels, step = ctx.saved_tensors
            growth = _blocks(gradient * levels).sum(-1) * step
        return gradient, growth, None, None, None


def a8(x):
    """``x`` (…, N) as int8 with one scale per vector (golden.units.quantise)."""
    with torch.no_grad():
        step = x.abs().amax(-1, keepdim=True).clamp(min=_SMALLEST) / LEVELS
        rounded = torch.round(x / step).mul_(step)
    return straight_through(x, rounded)


def kv4(x):
    """``(x (…, D) as int4 with a step and zero point per vector, step (…))`` (golden.units.kv_quantise)."""
    with torch.no_grad():
        low, high = x.amin(-1, keepdim=True).clamp(max=0), x.amax(-1, keepdim=True).clamp(min=0)
        step = (high - low).clamp(min=_SMALLEST) / STEPS
        fraction = 1 << ZERO_FRACTION
        zero = (torch.floor(-low / step * fraction + 0.5) / fraction - 8).clamp(-8, 7)
        rounded = (torch.round(x / step + zero).clamp_(-8, 7) - zero).mul_(step)
    return straight_through(x, rounded), step.squeeze(-1)


def value_probs(p, value_step):
    """Probabilities ``p`` (…, R, T) as the int8 weights of values with ``value_step`` (…, 1, T) stand for.

    Each is quantised with its value's step folded in (golden.units.value_probs): one scale per row.
    """
    with torch.no_grad():
        folded = p * value_step
        mantissa, exponent = torch.frexp(value_step)
        power = torch.exp2(exponent + 2 * mantissa - 2)  # as golden.llm.rounding.power_below
        step = (p * power).amax(-1, keepdim=True).clamp(min=_SMALLEST) / BOUND_LEVEL
        rounded = torch.round(folded / step).mul_(step).div_(value_step)
    return straight_through(p, rounded)
