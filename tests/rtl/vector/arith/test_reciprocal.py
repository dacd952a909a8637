"""The divider against golden: every mantissa, and every exponent whose inverse has one."""

import numpy as np
import pytest
from scale_designs import check_block
from unit_bench import edge_mantissas

from golden import numerics
from golden.numerics import Scale
from myhdl_acc.simulate import BACKENDS


def check(mantissa, exponent, backend, seed=None):
    inverse = numerics.reciprocal(Scale(mantissa, exponent))
    check_block("reciprocal", (mantissa, exponent), (inverse.mantissa, inverse.exponent), backend, seed)


def test_every_mantissa_and_every_exponent():
    mantissa = np.arange(0x8000, 0x10000)
    check(mantissa, -480 + np.arange(len(mantissa)) % 992, "verilator")
    exponent = np.arange(-480, 512)
    check(np.full(len(exponent), 0x8000), exponent, "verilator")


@pytest.mark.parametrize("backend", BACKENDS)
def test_in_every_simulator(backend):
    rng = np.random.default_rng(1)
    for seed in (None, 2):
        check(edge_mantissas(rng, 80), rng.integers(-200, 200, 80), backend, seed)
