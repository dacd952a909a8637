"""The correction of attention outputs against golden, at the widths of all configurations."""

import numpy as np
import pytest
from norm_designs import check
from unit_bench import edge_values

from golden.units.attention_output import without_zeros
from myhdl_acc.simulate import BACKENDS


def check_output(bits, words, backend, seed=None):
    wanted = {"accumulator": without_zeros(**words)}
    check("attention_output", words, wanted, backend, seed, total=-bits)


def stimulus(rng, bits, count):
    """The first four words are all pairs of extremes."""
    total, correction = edge_values(bits, rng, count), edge_values(32, rng, count)
    total[:4], correction[:4] = (
        np.repeat([-(1 << (bits - 1)), (1 << (bits - 1)) - 1], 2),
        [-(1 << 31), (1 << 31) - 1] * 2,
    )
    return {"total": total, "correction": correction}


@pytest.mark.parametrize("bits", [20, 34, 38, 42])
def test_at_every_width(bits):
    check_output(bits, stimulus(np.random.default_rng(bits), bits, 300_000), "verilator")


@pytest.mark.parametrize("backend", BACKENDS)
def test_in_every_simulator(backend):
    check_output(38, stimulus(np.random.default_rng(1), 38, 200), backend, seed=2)
