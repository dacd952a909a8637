"""The training's roundings against the integer units: skipped without torch, which is no default dependency."""

import functools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

torch = pytest.importorskip("torch")

from golden.llm import rounding
from golden.llm.compress.round_to_nearest import round_to_nearest
from golden.llm.train import quantisers
from golden.numerics import ONE, constant_scale
from golden.units.kv_quantise import kv_quantise
from golden.units.quantise import quantise


def real(scale):
    return np.ldexp(scale.mantissa.astype(np.float64), -scale.exponent)


def fixed_point(rng, *shape):
    """Integers of 16 fraction bits, vectors of very different sizes."""
    values = rng.normal(size=shape) * np.exp(rng.normal(size=(*shape[:-1], 1)) * 2)
    return np.round(values * ONE).astype(np.int64)


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 9), st.integers(1, 100))
def test_w2_keeps_the_format(seed, rows, cols):
    weights = np.random.default_rng(seed).normal(size=(rows, cols)).astype(np.float32)
    levels, scale, master = (part.numpy() for part in quantisers.w2_integers(torch.tensor(weights)))
    assert set(np.unique(levels)) <= {-3, -1, 0, 1, 3} and scale.min() >= 1 and scale.max() <= 255
    padded = np.pad(levels, ((0, 0), (0, -cols % 4)))
    assert np.count_nonzero(padded.reshape(-1, 4), axis=1).max() <= 2
    assert (real(constant_scale(master)) == master).all()  # already a mantissa of 16 bits


@settings(max_examples=50, deadline=None)
@given(st.lists(st.lists(st.integers(-3, 3), min_size=4, max_size=4), min_size=1, max_size=20))
def test_w2_keeps_the_two_largest_and_of_equal_ones_the_first(groups):
    levels = quantisers.w2_integers(torch.tensor(groups).float().repeat_interleave(8, 0).view(len(groups), 32))[0]
    for group, kept in zip(groups, levels[:, :4].tolist(), strict=True):
        first = sorted(range(4), key=lambda i: (-abs(group[i]), i))[:2]
        assert all(kept[i] == 0 or i in first for i in range(4))
        assert kept[first[0]] != 0 or group[first[0]] == 0


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 9), st.integers(1, 100))
def test_w4_keeps_the_format_and_clips_nothing(seed, rows, cols):
    weights = np.random.default_rng(seed).normal(size=(rows, cols)).astype(np.float32)
    levels, scale, master = (part.numpy() for part in quantisers.w4_integers(torch.tensor(weights)))
    assert levels.min() >= -8 and levels.max() <= 7 and scale.min() >= 1 and scale.max() <= 255
    step = np.repeat(scale, 32, axis=1)[:, :cols] * master[:, None]
    # Half a step, and at the ends what rounding the scale to eight bits leaves out.
    assert (np.abs(levels * step - weights) <= step * (0.5 + 8 / (2 * scale.min()) + 1e-3)).all()


def test_w2_error_is_that_of_the_search():
    """The alternation costs little against trying 23 scales for every block."""
    weights = np.random.default_rng(3).normal(size=(128, 512)).astype(np.float32)
    levels, scale, master = (part.numpy() for part in quantisers.w2_integers(torch.tensor(weights)))
    ours = levels * np.repeat(scale, 32, axis=1) * master[:, None]
    searched = round_to_nearest(weights, "w2").to_float()
    assert np.square(ours - weights).mean() < 1.04 * np.square(searched - weights).mean()


def test_a8_is_the_quantise_unit():
    x = fixed_point(np.random.default_rng(0), 200, 48)
    x[3] = 0
    levels, step = quantise(x)
    wanted = levels * real(step)[:, None]
    ours = quantisers.a8(torch.tensor(x / ONE)).numpy() * ONE
    # Another level only where a value lies within the units' 2^-14 of the middle of two.
    close = np.abs(ours - wanted) < 1e-4 * np.abs(x).max(-1, keepdims=True)
    assert close.mean() > 0.985 and (np.abs(ours - wanted) < 1.01 * real(step)[:, None]).all()


def test_kv4_is_the_kv_quantise_unit():
    x = fixed_point(np.random.default_rng(1), 300, 32)
    x[:50] = np.abs(x[:50])  # all of one sign: the range still includes zero
    x[60] = 0
    levels, zero, step = kv_quantise(x)
    wanted = (levels - zero[:, None] / 16) * real(step)[:, None]
    ours, our_step = (part.numpy() for part in quantisers.kv4(torch.tensor(x / ONE)))
    nonzero = np.abs(x).max(-1) > 0
    assert np.allclose(our_step[nonzero] * ONE, real(step)[nonzero], rtol=1e-4)
    close = np.abs(ours * ONE - wanted) < 1e-4 * 15 * real(step)[:, None]
    assert close.mean() > 0.98 and (np.abs(ours * ONE - wanted) < 1.01 * real(step)[:, None]).all()


def test_value_probs_are_the_units():
    rng = np.random.default_rng(2)
    p = rng.dirichlet(np.full(60, 0.3), size=(5, 3))
    steps = real(constant_scale(np.exp(rng.normal(size=(5, 60)))))
    ours = quantisers.value_probs(torch.tensor(p), torch.tensor(steps)[:, None]).numpy()
    assert np.allclose(ours, rounding.value_probs(p, steps))  # which are the units': test_golden_rounding.py


def test_the_gradient_passes_as_if_nothing_were_rounded():
    weights = torch.randn(8, 64, requires_grad=True)
    outer = torch.randn(8, 64)
    matrices = [functools.partial(quantisers.matrix, kind=kind) for kind in quantisers.INTEGERS]
    for function in (*matrices, quantisers.a8, lambda x: quantisers.kv4(x)[0]):
        weights.grad = None
        (function(weights) * outer).sum().backward()
        assert torch.equal(weights.grad, outer)
