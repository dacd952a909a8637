"""The rotation of pairs against golden: extremes, saturation, rounding edges."""

import numpy as np
import pytest
from operands import check, numbers

from golden.units.rope import rotate
from myhdl_acc.simulate import BACKENDS
from myhdl_acc.stream import signed

OPERANDS = {"even": signed(32), "odd": signed(32), "cosine": signed(18), "sine": signed(18)}
RESULTS = {"rotated_even": signed(32), "rotated_odd": signed(32)}


def stimulus(rng, count):
    """Half of the pairs meet an angle, the others any factors."""
    angle = rng.random(count) * 2 * np.pi
    angled = rng.random(count) < 0.5
    return {
        "even": numbers(rng, 32, count),
        "odd": numbers(rng, 32, count),
        "cosine": np.where(angled, np.rint(np.cos(angle) * 65536).astype(np.int64), numbers(rng, 18, count)),
        "sine": np.where(angled, np.rint(np.sin(angle) * 65536).astype(np.int64), numbers(rng, 18, count)),
    }


def check_rope(words, backend, seed=None):
    check("rope", OPERANDS, RESULTS, words, dict(zip(RESULTS, rotate(**words), strict=True)), backend, seed)


def test_a_million():
    check_rope(stimulus(np.random.default_rng(0), 1_000_000), "verilator")


def test_all_extremes():
    least, largest = -(1 << 31), (1 << 31) - 1
    ends = ([least, -1, 0, largest], [least, -1, 0, largest], [-131072, -65536, 65536, 131071], [-131072, 0, 131071])
    words = dict(zip(OPERANDS, (axis.ravel() for axis in np.meshgrid(*ends)), strict=True))
    check_rope(words, "verilator")


@pytest.mark.parametrize("backend", BACKENDS)
def test_in_every_simulator(backend):
    check_rope(stimulus(np.random.default_rng(1), 200), backend, seed=2)
