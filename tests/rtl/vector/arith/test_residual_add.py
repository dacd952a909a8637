"""Saturating addition against golden."""

import numpy as np
import pytest
from scale_designs import check_block
from unit_bench import edge_values

from golden.units.residual_add import residual_add
from myhdl_acc.simulate import BACKENDS


def check(x, y, backend, seed=None):
    check_block("residual_add", (x, y), [residual_add(x, y)], backend, seed)


def test_half_a_million():
    rng = np.random.default_rng(0)
    check(edge_values(32, rng, 500_000), edge_values(32, rng, 500_000), "verilator")


def test_at_both_limits():
    x = np.arange(-6, 7)
    for limit in (-(1 << 31), (1 << 31) - 1):
        for base in (limit, limit // 2, 0):
            pairs = [axis.ravel() for axis in np.meshgrid(base + x, limit - base + x)]
            check(*(np.clip(axis, -(1 << 31), (1 << 31) - 1) for axis in pairs), "verilator")


@pytest.mark.parametrize("backend", BACKENDS)
def test_in_every_simulator(backend):
    rng = np.random.default_rng(1)
    for seed in (None, 2):
        check(edge_values(32, rng, 100), edge_values(32, rng, 100), backend, seed)
