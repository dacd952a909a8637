"""Products of any widths and signs, of one multiplier or joined from several's: exact, latency 3."""

import numpy as np
import pytest
from unit_bench import check_unit

COUNT = 200
#: Bits of the operands, negative for signed ones: one multiplier's, one too wide, both too wide.
WIDTHS = [(17, 26), (-18, -27), (-27, 17), (32, 17), (17, -33), (-32, -18), (30, 30), (-31, -31), (-29, 33)]


def operands(bits, rng):
    """Random ones and every extreme."""
    low, high = (-(1 << -bits - 1), (1 << -bits - 1) - 1) if bits < 0 else (0, (1 << bits) - 1)
    values = rng.integers(low, high, COUNT, endpoint=True)
    values[:4] = [low, high, low, high]
    values[4:6] = [0, max(low, -1)]
    return values


@pytest.mark.parametrize("backend", ["myhdl", "verilator"])
@pytest.mark.parametrize(("a", "b"), WIDTHS)
def test_any_widths(a, b, backend):
    rng = np.random.default_rng(abs(a) * 100 + abs(b))
    first, second = operands(a, rng), operands(b, rng)
    second[2:4] = second[[1, 0]]
    width = abs(a) + abs(b)
    product = {"product": -width if min(a, b) < 0 else width}
    words = {"a": first, "b": second}
    check_unit("multiply", {"a": a, "b": b}, product, words, {"product": first * second}, backend, seed=1)
