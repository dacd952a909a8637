"""The lift of RMSNorm's gain: every bit length there is."""

import numpy as np
import pytest
from norm_designs import check
from unit_bench import edge_naturals

from golden.units.rms_lift import rms_lift
from myhdl_acc.simulate import BACKENDS


def check_lift(peak, backend, seed=None):
    check("rms_lift", {"peak": peak}, {"lift": rms_lift(peak)}, backend, seed)


def test_a_million_peaks():
    check_lift(edge_naturals(31, np.random.default_rng(0), 1_000_000), "verilator")


@pytest.mark.parametrize("backend", BACKENDS)
def test_around_every_power_of_two(backend):
    powers = np.left_shift(1, np.arange(32))
    # A peak is a magnitude of an int32, so at most 2^31.
    peaks = np.concatenate([[0], powers, powers - 1, powers[:31] + 1])
    assert set(rms_lift(peaks)) == set(range(18))
    check_lift(peaks, backend, seed=1)
