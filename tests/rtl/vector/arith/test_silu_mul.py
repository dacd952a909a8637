"""The SwiGLU gate against golden: the sigmoid over a dense grid, products of all magnitudes, saturation."""

import numpy as np
import pytest
from norm_designs import check
from unit_bench import edge_values

from golden.units.silu_mul import silu_mul
from myhdl_acc.simulate import BACKENDS


def check_silu(gate, up, backend, seed=None):
    wanted = {"result": silu_mul(gate, up)}
    check("silu_mul", {"gate": gate, "up": up}, wanted, backend, seed)


def test_sigmoid_at_every_position():
    """Every gate up to beyond the table's end at ±16, times one."""
    gate = np.arange(-(1 << 20) - 5000, (1 << 20) + 5000)
    check_silu(gate, np.full_like(gate, 1 << 16), "verilator")


def test_a_million():
    rng = np.random.default_rng(0)
    check_silu(edge_values(32, rng, 1_000_000), edge_values(32, rng, 1_000_000), "verilator")


@pytest.mark.parametrize("backend", BACKENDS)
def test_in_every_simulator(backend):
    rng = np.random.default_rng(1)
    least, largest = -(1 << 31), (1 << 31) - 1
    gate = np.concatenate([[least, least, largest, largest, 0, -(1 << 20), 1 << 20], edge_values(32, rng, 200)])
    up = np.concatenate([[least, largest, least, largest, least, largest, least], edge_values(32, rng, 200)])
    check_silu(gate, up, backend, seed=2)
