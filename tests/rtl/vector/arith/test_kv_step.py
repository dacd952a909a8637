"""Steps, inverses and zero points of int4 quantisations against golden."""

import numpy as np
import pytest
from scale_designs import check_block
from unit_bench import edge_values

from golden.units.kv_step import kv_step
from myhdl_acc.simulate import BACKENDS


def check(low, high, backend, seed=None):
    step, inverse, zero = kv_step(low, high)
    expected = step.mantissa, step.exponent, inverse.mantissa, inverse.exponent, zero
    check_block("kv_step", (low, high), expected, backend, seed)


def ranges(rng, count):
    """From 0 or below to 0 or above; one in four has only one sign."""
    low, high = np.sort(edge_values(32, rng, 2 * count).reshape(2, count), axis=0)
    low, high = np.minimum(low, 0), np.maximum(high, 0)
    low[:5] = [0, 0, -(1 << 31), -(1 << 31), -1]
    high[:5] = [0, (1 << 31) - 1, 0, (1 << 31) - 1, 0]
    return low, high


def test_a_million_ranges():
    check(*ranges(np.random.default_rng(0), 1_000_000), "verilator")


def test_every_small_range():
    low, high = (axis.ravel() for axis in np.meshgrid(np.arange(-400, 1), np.arange(401)))
    check(low, high, "verilator")


@pytest.mark.parametrize("backend", BACKENDS)
def test_in_every_simulator(backend):
    rng = np.random.default_rng(1)
    for seed in (None, 2):
        check(*ranges(rng, 60), backend, seed)
