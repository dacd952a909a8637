"""Logits with noise against golden: every octave and place of the noise, every extreme, saturation."""

import numpy as np
import pytest
from norm_designs import check
from unit_bench import edge_values, random_words

from golden.numerics import saturate
from golden.units.gumbel import gumbel
from myhdl_acc.simulate import BACKENDS


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
