"""Softmax numerators against golden and floating point: every fraction of a power of two, every distance."""

import numpy as np
import pytest
from norm_designs import check
from unit_bench import edge_naturals, edge_values

from golden.units.softmax import numerator
from myhdl_acc.simulate import BACKENDS

MOST = (1 << 31) + (1 << 16) - 2  # of references: less than one above the largest score


def check_softmax(reference, score, backend, seed=None):
    words = {"reference": reference, "score": score}
    check("softmax", words, {"p": numerator(reference, score)}, backend, seed)


def test_every_fraction_at_every_power():
    """From 0 to beyond the power at which nothing is left."""
    below = np.arange(20 << 16)
    reference = np.random.default_rng(0).integers(-(1 << 31) + len(below), 1 << 31, len(below))
    check_softmax(reference, reference - below, "verilator")


def test_any_distance():
    rng = np.random.default_rng(1)
    score = edge_values(32, rng, 1_000_000)
    reference = np.minimum(score + edge_naturals(32, rng, 1_000_000), MOST)
    check_softmax(reference, score, "verilator")


def test_probabilities_against_floating_point():
    rng = np.random.default_rng(2)
    for spread in (1 << 10, 1 << 16, 1 << 20):
        score = rng.integers(-spread, spread, 3000)
        reference = np.full_like(score, score.max())
        check_softmax(reference, score, "verilator")
        p = numerator(reference, score)
        exact = 2.0 ** ((score - score.max()) / 65536)
        assert abs(p / 61440 - exact).max() <= 2.0**-15
        probabilities = exact / exact.sum()
        assert abs(p / p.sum() - probabilities).max() <= 0.01 * probabilities.max()


@pytest.mark.parametrize("backend", BACKENDS)
def test_in_every_simulator(backend):
    rng = np.random.default_rng(3)
    score = np.concatenate([[-(1 << 31), -(1 << 31), (1 << 31) - 1], edge_values(32, rng, 200)])
    distance = np.concatenate([[0, (1 << 32) - 1, (1 << 16) - 1], edge_naturals(20, rng, 200)])
    check_softmax(np.minimum(score + distance, MOST), score, backend, seed=4)
