"""Requantisation against golden: every magnitude of sums and every exponent."""

import numpy as np
import pytest
from scale_designs import check_block
from unit_bench import edge_mantissas, edge_values

from golden.numerics import Scale
from golden.units.requantise import requantise
from myhdl_acc.simulate import BACKENDS


def check(rng, count, backend, seed=None):
    # |accumulator| < 2^46: the width's least value is not among them.
    accumulator = np.maximum(edge_values(47, rng, count), 1 - (1 << 46))
    mantissa = edge_mantissas(rng, count)
    exponent = np.where(rng.random(count) < 0.95, rng.integers(-34, 70, count), rng.integers(-512, 512, count))
    expected = requantise(accumulator, Scale(mantissa, exponent))
    check_block("requantise", (accumulator, mantissa, exponent), [expected], backend, seed)


def test_two_million():
    check(np.random.default_rng(0), 2_000_000, "verilator")


def test_ties_round_up():
    """Products that lie exactly between two results, on both sides of zero."""
    places = np.repeat(np.arange(16, 60), 4)
    odd = np.tile([-3, -1, 1, 3], 44)
    exact = np.left_shift(1, np.minimum(places - 16, 44)) * odd  # · 2^15 · 2^-places = odd / 2
    exact, places = exact[np.abs(exact) < 1 << 46], places[np.abs(exact) < 1 << 46]
    mantissa = np.full(len(places), 0x8000)
    expected = requantise(exact, Scale(mantissa, places))
    assert set(expected.tolist()) == {-1, 0, 1, 2}
    check_block("requantise", (exact, mantissa, places), [expected], "verilator")


@pytest.mark.parametrize("backend", BACKENDS)
def test_in_every_simulator(backend):
    rng = np.random.default_rng(1)
    for seed in (None, 2):
        check(rng, 120, backend, seed)
