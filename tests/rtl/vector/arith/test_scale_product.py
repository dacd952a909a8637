"""The product of two scales against golden."""

import numpy as np
import pytest
from scale_designs import check_block
from unit_bench import edge_mantissas

from golden.numerics import Scale
from myhdl_acc.simulate import BACKENDS


def check(a, b, backend, seed=None):
    product = a * b
    operands = a.mantissa, a.exponent, b.mantissa, b.exponent
    check_block("scale_product", operands, (product.mantissa, product.exponent), backend, seed)


def scales(rng, count):
    return Scale(edge_mantissas(rng, count), rng.integers(-200, 200, count))


def test_a_million_products():
    rng = np.random.default_rng(0)
    check(scales(rng, 1_000_000), scales(rng, 1_000_000), "verilator")


def test_around_the_carry_and_the_normalisation():
    """All pairs whose product is within two of 2^31, where a place more is shifted, or rounds up to 2^16."""
    a = np.repeat(np.arange(0x8000, 0x10000), 5)
    near = [(limit // a + np.tile(np.arange(-2, 3), 0x8000)).clip(0x8000, 0xFFFF) for limit in (1 << 31, (1 << 32) - 1)]
    exponents = np.zeros_like(a)
    for b in near:
        check(Scale(a, exponents), Scale(b, exponents), "verilator")


def test_exponents_to_their_ends():
    mantissa = np.full(4, 0x8000)
    check(Scale(mantissa, np.array([-512, 511, 0, 200])), Scale(mantissa, np.array([512 - 1, 15, -490, 300])), "myhdl")


@pytest.mark.parametrize("backend", BACKENDS)
def test_in_every_simulator(backend):
    rng = np.random.default_rng(1)
    for seed in (None, 2):
        check(scales(rng, 100), scales(rng, 100), backend, seed)
