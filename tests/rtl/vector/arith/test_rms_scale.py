"""The inverse root of RMSNorm against golden: every mantissa, every exponent, with and without ε."""

import numpy as np
import pytest
from norm_designs import check
from unit_bench import edge_naturals

from golden.units.rms_scale import rms_scale
from myhdl_acc.simulate import BACKENDS


def check_scale(total, eps, drop, backend, seed=None):
    inverse, places = rms_scale(total, eps, drop)
    words = {"total": total, "eps": eps, "drop": drop}
    wanted = {"inverse": inverse, "places": places}
    check("rms_scale", words, wanted, backend, seed)


def test_every_mantissa():
    mantissa = np.arange(1 << 14, 1 << 16)
    rng = np.random.default_rng(0)
    for half in (7, 15, 23):
        total = mantissa << 2 * (half - 7)
        check_scale(total, np.zeros_like(total), rng.integers(0, 16, len(total)), "verilator")


def test_a_million():
    rng = np.random.default_rng(1)
    count = 1_000_000
    check_scale(edge_naturals(48, rng, count), edge_naturals(48, rng, count), rng.integers(0, 16, count), "verilator")


@pytest.mark.parametrize("backend", BACKENDS)
def test_in_every_simulator(backend):
    """Every number of leading zeros, and the total that is nothing."""
    rng = np.random.default_rng(2)
    total = np.concatenate(
        [np.left_shift(1, np.arange(48)), np.left_shift(1, np.arange(48)) - 1, edge_naturals(48, rng, 50)]
    )
    eps = np.where(rng.random(len(total)) < 0.5, 0, edge_naturals(48, rng, len(total)))
    total[-4:], eps[-4:] = [0, 0, (1 << 48) - 1, (1 << 48) - 1], [0, 7, 0, (1 << 48) - 1]
    drop = rng.integers(0, 16, len(total))
    drop[-4:] = [0, 15, 0, 0]
    check_scale(total, eps, drop, backend, seed=3)
