"""Steps of int8 quantisations and their inverses against golden."""

import numpy as np
import pytest
from scale_designs import check_block
from unit_bench import edge_naturals

from golden.units.quantise_step import quantise_step
from myhdl_acc.simulate import BACKENDS


def check(peak, backend, seed=None):
    step, inverse = quantise_step(peak)
    expected = step.mantissa, step.exponent, inverse.mantissa, inverse.exponent
    check_block("quantise_step", [peak], expected, backend, seed)


def test_every_mantissa_and_magnitude():
    check(np.arange(1 << 18), "verilator")
    check(edge_naturals(32, np.random.default_rng(0), 500_000), "verilator")


@pytest.mark.parametrize("backend", BACKENDS)
def test_in_every_simulator(backend):
    rng = np.random.default_rng(1)
    for seed in (None, 2):
        check(edge_naturals(32, rng, 60), backend, seed)
