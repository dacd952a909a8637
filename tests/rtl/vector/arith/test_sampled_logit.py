"""Noise and logits with noise against golden: every octave and place, every extreme, saturation."""

import numpy as np
import pytest
from norm_designs import check
from unit_bench import edge_values

from golden.numerics import saturate
from golden.units.gumbel import gumbel
from myhdl_acc.simulate import BACKENDS


def random_words(count, seed):
    """Random bits, as many in each octave as in any other."""
    rng = np.random.default_rng(seed)
    words = rng.integers(0, 1 << 31, count) >> rng.integers(0, 24, count) | rng.integers(0, 2, count) << 31
    words[:4] = [0, (1 << 32) - 1, 1 << 31, (1 << 31) - 1]
    return words


@pytest.mark.parametrize("backend", BACKENDS)
def test_noise_in_every_simulator(backend):
    random = random_words(300, 0)
    check("gumbel", {"random": random}, {"noise": gumbel(random)}, backend, seed=2)


@pytest.mark.parametrize("backend", BACKENDS)
def test_in_every_simulator(backend):
    rng = np.random.default_rng(1)
    value, random = edge_values(32, rng, 300), random_words(300, 1)
    for temperature in (1, 2867, (1 << 16) - 1):
        score = saturate(value + (temperature * gumbel(random) >> 12))
        words = {"value": value, "random": random, "temperature": np.full(300, temperature)}
        check("sampled_logit", words, {"score": score}, backend, seed=3)


def test_half_a_million():
    rng, count = np.random.default_rng(2), 500_000
    value, random = edge_values(32, rng, count), random_words(count, 2)
    words = {"value": value, "random": random, "temperature": np.full(count, 4096)}
    check("sampled_logit", words, {"score": saturate(value + gumbel(random))}, "verilator")
