"""Inverses of softmax totals against golden."""

import numpy as np
import pytest
from scale_designs import check_block
from unit_bench import edge_naturals

from golden.units.total_inverse import total_inverse
from myhdl_acc.simulate import BACKENDS


def check(total, backend, seed=None):
    inverse = total_inverse(total)
    check_block("total_inverse", [total], (inverse.mantissa, inverse.exponent), backend, seed)


def test_every_mantissa_and_magnitude():
    check(np.arange(1 << 18), "verilator")
    check(edge_naturals(40, np.random.default_rng(0), 500_000), "verilator")


@pytest.mark.parametrize("backend", BACKENDS)
def test_in_every_simulator(backend):
    rng = np.random.default_rng(1)
    for seed in (None, 2):
        check(edge_naturals(40, rng, 60), backend, seed)
