"""The drop of RMSNorm's squares: every bit length there is."""

import numpy as np
import pytest
from norm_designs import check
from unit_bench import edge_naturals

from golden.units.rms_drop import rms_drop
from myhdl_acc.simulate import BACKENDS


def check_drop(peak, backend, seed=None):
    check("rms_drop", {"peak": peak}, {"drop": rms_drop(peak)}, backend, seed)


def test_a_million_peaks():
    check_drop(edge_naturals(31, np.random.default_rng(0), 1_000_000), "verilator")


@pytest.mark.parametrize("backend", BACKENDS)
def test_around_every_power_of_two(backend):
    powers = np.left_shift(1, np.arange(32))
    # A peak is a magnitude of an int32, so at most 2^31.
    peaks = np.concatenate([powers, powers - 1, powers[:31] + 1])
    assert set(rms_drop(peaks)) == set(range(16))
    check_drop(peaks, backend, seed=1)
