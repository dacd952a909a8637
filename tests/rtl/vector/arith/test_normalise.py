"""Scales of integers against golden, for every width that is in use."""

import numpy as np
import pytest
from scale_designs import check_block
from unit_bench import check_unit, edge_naturals

from golden import numerics
from myhdl_acc.simulate import BACKENDS


def check(bits, values, backend, seed=None):
    scale = numerics.normalise(values)
    expected = {"scale_mantissa": scale.mantissa, "scale_exponent": scale.exponent}
    check_unit(
        "normalise",
        {"value": bits},
        {"scale_mantissa": 16, "scale_exponent": -10},
        {"value": values},
        expected,
        backend,
        seed,
    )


@pytest.mark.parametrize("bits", [17, 31, 32, 33, 40, 48, 62])
def test_every_magnitude(bits):
    check(bits, edge_naturals(bits, np.random.default_rng(bits), 300_000), "verilator")


def test_every_value_of_20_bits():
    check(20, np.arange(1 << 20), "verilator")


@pytest.mark.parametrize("backend", BACKENDS)
def test_in_every_simulator(backend):
    rng = np.random.default_rng(1)
    for seed in (None, 2):
        values = edge_naturals(48, rng, 100)
        scale = numerics.normalise(values)
        check_block("normalise", [values], (scale.mantissa, scale.exponent), backend, seed)
