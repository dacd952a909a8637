"""The rounding shift against golden: every distance in both directions, around all edges of rounding and saturation."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from unit_bench import check_unit, edge_values

from golden import numerics
from myhdl_acc.simulate import BACKENDS

#: Widths of value, places and result: a requantisation's, a unit vector's, the largest, and small ones.
SHAPES = [(63, 10, 32), (49, 9, 26), (64, 10, 32), (20, 7, 8), (5, 5, 2)]


def check(shape, values, places, backend, seed=None):
    bits, place_bits, result_bits = shape
    # 64 bits go to the simulators as bytes.
    words = {"value": values.view(np.uint8).reshape(-1, 8) if bits == 64 else values, "places": places}
    wanted = numerics.saturate(numerics.round_shift(values, places), result_bits)
    operands = {"value": -bits, "places": -place_bits}
    check_unit("round_shift", operands, {"result": -result_bits}, words, {"result": wanted}, backend, seed)


def all_places(place_bits, rng, count):
    """Mostly distances that are not limited; first the least and the greatest there are."""
    limit = 1 << (place_bits - 1)
    near, far = rng.integers(-34, 66, count), rng.integers(-limit, limit, count)
    places = np.where(rng.random(count) < 0.9, near, far).clip(-limit, limit - 1)
    places[:2] = [-limit, limit - 1]
    return places


@pytest.mark.parametrize("shape", SHAPES)
def test_a_million_of_each_shape(shape):
    rng = np.random.default_rng(shape[0])
    count = 1_000_000
    check(shape, edge_values(shape[0], rng, count), all_places(shape[1], rng, count), "verilator")


def test_every_small_value_by_every_shift():
    values, places = (axis.ravel() for axis in np.meshgrid(np.arange(-512, 512), np.arange(-64, 64)))
    check((10, 7, 5), values, places, "verilator")


@pytest.mark.parametrize("backend", BACKENDS)
def test_in_every_simulator(backend):
    rng = np.random.default_rng(1)
    for seed in (None, 2):
        check(SHAPES[0], edge_values(63, rng, 150), all_places(10, rng, 150), backend, seed)


@settings(max_examples=25, deadline=None)
@given(st.integers(2, 64), st.integers(4, 11), st.integers(2, 32), st.integers(0, 1 << 32))
def test_any_widths(bits, place_bits, result_bits, seed):
    rng = np.random.default_rng(seed)
    shape = bits, place_bits, result_bits
    check(shape, edge_values(bits, rng, 40), all_places(place_bits, rng, 40), "myhdl")
