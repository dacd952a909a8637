"""Numerators and the weights of the values that they meet, against golden: one per cycle."""

import numpy as np
import pytest
import unit_ports
from cycle_bench import SIMULATORS, Cycles
from unit_bench import edge_mantissas

from golden.machine.parameters import parameter_words
from golden.numerics import Scale
from golden.units.softmax import numerator, softmax_reference, value_bound
from golden.units.value_probs import value_weight
from myhdl_acc.rtl.config import AcceleratorConfig
from myhdl_acc.rtl.vector.unit.softmax_path import LATENCY

TINY = AcceleratorConfig.preset("tiny")
COUNT = 300


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("backend", SIMULATORS)
def test_like_golden(backend, seed):
    rng = np.random.default_rng(seed)
    score = (5 << 16) - (rng.random(COUNT) ** 3 * (40 << 16)).astype(np.int64)
    step = Scale(edge_mantissas(rng, COUNT), rng.integers(-60, 190, COUNT) if seed else rng.integers(-10, 60, COUNT))
    reference, places = softmax_reference(score.max(), value_bound(score, step).max())
    outputs = Cycles("softmax_path", unit_ports.softmax_path, TINY, backend).run(
        COUNT,
        LATENCY,
        score=score,
        value=parameter_words(step).astype(np.int64),
        reference=int(reference),
        places=int(places),
    )
    p = numerator(reference, score)
    assert np.array_equal(outputs["numerator"][LATENCY:], p[:-LATENCY])
    weight = value_weight(p, step.mantissa, step.exponent + places)
    assert weight.max() >= 119
    assert np.array_equal(outputs["weight"][LATENCY:], weight[:-LATENCY])
