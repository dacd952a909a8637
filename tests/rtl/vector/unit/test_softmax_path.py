"""Numerators and their products with the values' steps, against golden: one per cycle."""

import numpy as np
import pytest
import unit_ports
from cycle_bench import SIMULATORS, Cycles
from unit_bench import edge_mantissas

from golden.machine.parameters import EXPONENT_BIAS, parameter_words
from golden.numerics import Scale
from golden.units.softmax import numerator
from golden.units.value_probs import SPARE_BITS, aligned_product
from myhdl_acc.rtl.config import AcceleratorConfig
from myhdl_acc.rtl.vector.unit.softmax_path import LATENCY

TINY = AcceleratorConfig.preset("tiny")
COUNT = 300


@pytest.mark.parametrize("backend", SIMULATORS)
def test_like_golden(backend):
    rng = np.random.default_rng(0)
    largest = 5 << 16
    score = largest - (rng.random(COUNT) ** 3 * (40 << 16)).astype(np.int64)
    step = Scale(edge_mantissas(rng, COUNT), rng.integers(-10, 60, COUNT))
    least = -8  # above some exponents, which an unfilled slot may have
    outputs = Cycles("softmax_path", unit_ports.softmax_path, TINY, backend).run(
        COUNT,
        LATENCY,
        score=score,
        largest=largest,
        value=parameter_words(step).astype(np.int64),
        least=least + EXPONENT_BIAS,
    )
    p = numerator(largest, score)
    drop = np.clip(step.exponent - least, 0, 40) + SPARE_BITS
    assert np.array_equal(outputs["numerator"][LATENCY:], p[:-LATENCY])
    assert np.array_equal(outputs["weighted"][LATENCY:], aligned_product(p, step.mantissa, drop)[:-LATENCY])
