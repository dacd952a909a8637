"""Weights of numerators and steps against golden: every shift, all magnitudes whose weight has seven bits."""

import numpy as np
import pytest
from norm_designs import check
from unit_bench import edge_mantissas, edge_naturals

from golden.units.value_probs import LEAST_DROP, value_weight
from myhdl_acc.rtl.vector.arith.value_probs import MOST_PLACES
from myhdl_acc.simulate import BACKENDS


def check_weights(words, backend, seed=None):
    weight = value_weight(words["p"], words["mantissa"], words["places"] + LEAST_DROP)
    assert weight.max() == 127
    check("value_probs", words, {"weight": weight}, backend, seed)


def stimulus(rng, count):
    mantissa, places = edge_mantissas(rng, count), rng.integers(0, MOST_PLACES + 1, count)
    most = ((255 << places + LEAST_DROP) - 1) // 2 // mantissa
    p = np.minimum(np.where(rng.random(count) < 0.3, most, edge_naturals(16, rng, count)), most)
    return {"p": np.minimum(p, (1 << 16) - 1), "mantissa": mantissa, "places": places}


def test_a_million():
    check_weights(stimulus(np.random.default_rng(0), 1_000_000), "verilator")


@pytest.mark.parametrize("backend", BACKENDS)
def test_in_every_simulator(backend):
    check_weights(stimulus(np.random.default_rng(1), 400), backend, seed=2)
