"""The squares of RMSNorm against golden: every drop, at rounding edges and the limit."""

import numpy as np
import pytest
from norm_designs import check
from unit_bench import edge_values

from golden.units.rms_square import rms_square
from myhdl_acc.simulate import BACKENDS


def check_square(x, drop, backend, seed=None):
    words = {"x": x, "drop": drop}
    wanted = {"square": rms_square(x, drop)}
    check("rms_square", words, wanted, backend, seed)


def test_a_million():
    rng = np.random.default_rng(0)
    check_square(edge_values(32, rng, 1_000_000), rng.integers(0, 16, 1_000_000), "verilator")


def test_every_rounding_by_every_drop():
    """All values of 17 bits and their neighbours once shifted, and both ends of the range, where the limit is."""
    drop = np.repeat(np.arange(16), 1 << 14)
    rng = np.random.default_rng(1)
    small = rng.integers(-(1 << 17), 1 << 17, len(drop))
    x = np.left_shift(small, drop) + np.left_shift(1, drop) // 2 + rng.integers(-1, 2, len(drop))
    check_square(x.clip(-(1 << 31), (1 << 31) - 1), drop, "verilator")


@pytest.mark.parametrize("backend", BACKENDS)
def test_in_every_simulator(backend):
    rng = np.random.default_rng(2)
    check_square(edge_values(32, rng, 200), rng.integers(0, 16, 200), backend, seed=3)
