"""The squares of RMSNorm against golden: at rounding edges and the limit."""

import numpy as np
import pytest
from norm_designs import check
from unit_bench import edge_values

from golden.units.rms_square import rms_square
from myhdl_acc.simulate import BACKENDS


def check_square(unit, backend, seed=None):
    check("rms_square", {"unit": unit}, {"square": rms_square(unit)}, backend, seed)


def test_a_million():
    check_square(edge_values(26, np.random.default_rng(0), 1_000_000), "verilator")


def test_every_rounding():
    """Both sides of every rounding of a vector's elements, and what is beyond, where the limit is."""
    small = np.repeat(np.arange(-(1 << 18), 1 << 18), 3)
    check_square(((small << 7) + 64 + np.resize([-1, 0, 1], len(small))).clip(-(1 << 25), (1 << 25) - 1), "verilator")


@pytest.mark.parametrize("backend", BACKENDS)
def test_in_every_simulator(backend):
    check_square(edge_values(26, np.random.default_rng(2), 200), backend, seed=3)
