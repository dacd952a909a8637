"""The factor of a norm against golden: both ends of the inverse, every shift and drop."""

import numpy as np
import pytest
from norm_designs import check

from golden.units.rms_factor import rms_factor
from myhdl_acc.simulate import BACKENDS


@pytest.mark.parametrize("backend", BACKENDS)
def test_in_every_simulator(backend):
    rng, count = np.random.default_rng(0), 300
    inverse = rng.integers(1 << 15, (1 << 16) + 1, count)
    inverse[:20], inverse[20:40] = 1 << 16, 1 << 15
    words = {"inverse": inverse, "places": rng.integers(-8, 32, count), "drop": rng.integers(0, 16, count)}
    words["lift"] = np.where(words["drop"] == 0, rng.integers(0, 18, count), 0)
    factor = rms_factor(**words)
    check("rms_factor", words, {"factor_mantissa": factor.mantissa, "factor_exponent": factor.exponent}, backend, 1)
