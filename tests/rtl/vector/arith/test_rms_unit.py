"""Elements relative to their vector's length or largest magnitude, against golden."""

import numpy as np
import pytest
from norm_designs import check
from unit_bench import edge_values

from golden.units.rms_unit import block_scale, rms_unit
from myhdl_acc.simulate import BACKENDS


def check_unit(words, backend, seed=None):
    check("rms_unit", words, {"unit": rms_unit(**words)}, backend, seed)


def stimulus(rng, count):
    return {
        "x": edge_values(32, rng, count),
        "inverse": rng.integers(1 << 15, (1 << 16) + 1, count),
        "places": rng.integers(-8, 32, count),
    }


def test_a_million():
    check_unit(stimulus(np.random.default_rng(0), 1_000_000), "verilator")


@pytest.mark.parametrize("backend", BACKENDS)
def test_in_every_simulator(backend):
    check_unit(stimulus(np.random.default_rng(1), 200), backend, seed=2)


def test_every_rounding_by_every_drop():
    """All values of 24 bits and their neighbours once shifted by a drop."""
    drop = np.repeat(np.arange(16), 1 << 14)
    rng = np.random.default_rng(1)
    small = rng.integers(-(1 << 17), 1 << 17, len(drop))
    x = np.left_shift(small, drop) + (np.left_shift(1, drop) >> 8) + rng.integers(-1, 2, len(drop))
    inverse, places = block_scale(drop)
    words = {"x": x.clip(-(1 << 31), (1 << 31) - 1), "inverse": np.full(len(drop), inverse), "places": places}
    assert abs(rms_unit(**words)).max() <= 1 << 24
    check_unit(words, "verilator")
