"""Levels of int8 and int4 against golden, with the steps that vectors have and with any."""

import numpy as np
import pytest
from scale_designs import check_block
from unit_bench import edge_mantissas, edge_values

from golden.numerics import Scale
from golden.units.kv_quantise import kv_level
from golden.units.kv_step import kv_step
from golden.units.quantise import quantise_level
from golden.units.quantise_step import quantise_step
from myhdl_acc.simulate import BACKENDS


def check(x, inverse, zero, narrow, backend, seed=None):
    wide = quantise_level(x, inverse)
    # golden's zero point has no meaning at int8's exponents below 4.
    int4 = kv_level(x, Scale(inverse.mantissa, np.maximum(inverse.exponent, 4)), zero)
    assert (inverse.exponent[narrow] >= 4).all()
    expected = np.where(narrow, int4, wide)
    check_block("quantise", (x, inverse.mantissa, inverse.exponent, zero, narrow), [expected], backend, seed)


def vectors(rng, count):
    """Elements with the step and zero point of the vector that they belong to, int4 and int8 in turn."""
    low, high = np.sort(edge_values(32, rng, 2 * count).reshape(2, count), axis=0)
    low, high = np.minimum(low, 0), np.maximum(high, 0)
    x = np.rint(low + (high - low) * rng.random(count)).astype(np.int64)
    # Half of them near the edge between two levels, some at the ends.
    edge = low + (high - low) * (2 * rng.integers(0, 16, count) + 1) // 30 + rng.integers(-1, 2, count)
    x = np.where(rng.random(count) < 0.5, edge, x).clip(low, high)
    x = np.where(rng.random(count) < 0.1, np.where(rng.random(count) < 0.5, low, high), x)
    narrow = rng.random(count) < 0.5
    _, wide = quantise_step(np.maximum(-low, high))
    _, inverse, zero = kv_step(low, high)
    mantissa = np.where(narrow, inverse.mantissa, wide.mantissa)
    return x, Scale(mantissa, np.where(narrow, inverse.exponent, wide.exponent)), zero, narrow


def test_a_million_elements_of_vectors():
    check(*vectors(np.random.default_rng(0), 1_000_000), "verilator")


def test_a_million_of_any_step():
    rng = np.random.default_rng(1)
    count = 1_000_000
    narrow = rng.random(count) < 0.5
    # Up to 50 the aligned zero point and the product fit 62 bits together.
    exponent = np.where(narrow, rng.integers(4, 50, count), rng.integers(-40, 80, count))
    check(
        edge_values(32, rng, count),
        Scale(edge_mantissas(rng, count), exponent),
        rng.integers(-128, 128, count),
        narrow,
        "verilator",
    )


def test_every_level_and_its_edges():
    """x·inverse = x/16 exactly: every sixteenth of a level, with every zero point."""
    x, zero = (axis.ravel() for axis in np.meshgrid(np.arange(-2200, 2201), np.arange(-128, 128, 5)))
    inverse = Scale(np.full(len(x), 0x8000), np.full(len(x), 19))
    for narrow in (False, True):
        check(x, inverse, zero, np.full(len(x), narrow), "verilator")


@pytest.mark.parametrize("backend", BACKENDS)
def test_in_every_simulator(backend):
    rng = np.random.default_rng(2)
    for seed in (None, 2):
        check(*vectors(rng, 120), backend, seed)
