"""Aligned products of numerators and steps against golden: every shift, all magnitudes."""

import numpy as np
import pytest
from norm_designs import check
from unit_bench import edge_naturals

from golden.units.value_probs import aligned_product
from myhdl_acc.simulate import BACKENDS


def check_weights(words, backend, seed=None):
    check("value_probs", words, {"product": aligned_product(**words)}, backend, seed)


def stimulus(rng, count):
    words = {
        "p": np.minimum(edge_naturals(17, rng, count), 1 << 16),
        "mantissa": rng.integers(1 << 15, 1 << 16, count),
        "drop": rng.integers(1, 64, count),
    }
    words["p"][:2], words["mantissa"][:2], words["drop"][:2] = 1 << 16, (1 << 16) - 1, [1, 63]
    return words


def test_a_million():
    check_weights(stimulus(np.random.default_rng(0), 1_000_000), "verilator")


@pytest.mark.parametrize("backend", BACKENDS)
def test_in_every_simulator(backend):
    check_weights(stimulus(np.random.default_rng(1), 200), backend, seed=2)
