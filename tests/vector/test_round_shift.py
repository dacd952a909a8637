"""The rounding shift against golden: every distance in both directions, around all edges of rounding and saturation."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from unit_bench import run_unit

from golden import numerics
from myhdl_acc.simulate import BACKENDS
from myhdl_acc.stream import signed

#: Widths of value, places and result: a requantisation's, a unit vector's, the largest, and small ones.
SHAPES = [(63, 10, 32), (49, 9, 26), (64, 10, 32), (20, 7, 8), (5, 5, 2)]


def edge_values(bits, rng, count):
    """Signed values of every magnitude, half of them within two of a power of two; |value| ≤ 2^62."""
    magnitude = rng.integers(0, min(bits, 63), count)
    scattered = np.left_shift(1, magnitude) + (rng.random(count) * np.left_shift(1, magnitude)).astype(np.int64)
    near_power = np.left_shift(1, magnitude) + rng.integers(-2, 3, count)
    values = np.where(rng.random(count) < 0.5, near_power, scattered) * rng.choice([-1, 1], count)
    low = -(1 << (min(bits, 63) - 1))
    values[:4] = [low, -low - 1, 0, -1]
    return np.clip(values, low, -low - 1)


def check(shape, values, places, backend, seed=None):
    bits, place_bits, result_bits = shape
    # 64 bits go to the simulators as bytes.
    words = {"value": values.view(np.uint8).reshape(-1, 8) if bits == 64 else values, "places": places}
    operands = {"value": signed(bits), "places": signed(place_bits)}
    got = run_unit("round_shift", operands, {"result": signed(result_bits)}, words, backend, seed)
    wanted = numerics.saturate(numerics.round_shift(values, places), result_bits)
    wrong = np.flatnonzero(got["result"] != wanted)
    assert not len(wrong), (values[wrong[0]], places[wrong[0]], got["result"][wrong[0]], wanted[wrong[0]])


def all_places(place_bits, rng, count):
    limit = 1 << (place_bits - 1)
    return np.where(rng.random(count) < 0.9, rng.integers(-34, 66, count), rng.integers(-limit, limit, count)).clip(
        -limit, limit - 1
    )


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
