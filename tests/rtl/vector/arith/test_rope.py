"""The rotation of pairs against golden: extremes, saturation, rounding edges."""

import numpy as np
import pytest
from norm_designs import check
from unit_bench import edge_values

from golden.units.rope import rotate
from myhdl_acc.simulate import BACKENDS


def stimulus(rng, count):
    """Half of the pairs meet an angle, the others any factors."""
    angle = rng.random(count) * 2 * np.pi
    angled = rng.random(count) < 0.5
    return {
        "even": edge_values(32, rng, count),
        "odd": edge_values(32, rng, count),
        "cosine": np.where(angled, np.rint(np.cos(angle) * 65536).astype(np.int64), edge_values(18, rng, count)),
        "sine": np.where(angled, np.rint(np.sin(angle) * 65536).astype(np.int64), edge_values(18, rng, count)),
    }


def check_rope(words, backend, seed=None):
    expected = dict(zip(("rotated_even", "rotated_odd"), rotate(**words), strict=True))
    check("rope", words, expected, backend, seed)


def test_a_million():
    check_rope(stimulus(np.random.default_rng(0), 1_000_000), "verilator")


def test_all_extremes():
    least, largest = -(1 << 31), (1 << 31) - 1
    ends = ([least, -1, 0, largest], [least, -1, 0, largest], [-131072, -65536, 65536, 131071], [-131072, 0, 131071])
    words = dict(zip(("even", "odd", "cosine", "sine"), (axis.ravel() for axis in np.meshgrid(*ends)), strict=True))
    check_rope(words, "verilator")


@pytest.mark.parametrize("backend", BACKENDS)
def test_in_every_simulator(backend):
    check_rope(stimulus(np.random.default_rng(1), 200), backend, seed=2)
