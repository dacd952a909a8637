"""How a column's weights are quantised and what its mixed values are scaled by, against golden: one in every cycle."""

import numpy as np
import pytest
import unit_ports
from cycle_bench import SIMULATORS, Cycles
from unit_bench import edge_naturals

from golden.machine.parameters import EXPONENT_BIAS
from golden.numerics import Scale
from golden.units.kv_quantise import ZERO_FRACTION
from golden.units.quantise_step import quantise_step
from golden.units.total_inverse import total_inverse
from golden.units.value_probs import SPARE_BITS
from myhdl_acc.rtl.config import AcceleratorConfig
from myhdl_acc.rtl.vector.unit import latencies as chain
from myhdl_acc.rtl.vector.unit.weight_scales import LATENCY

TINY = AcceleratorConfig.preset("tiny")
COUNT = 100


@pytest.mark.parametrize("backend", SIMULATORS)
def test_like_golden(backend):
    rng = np.random.default_rng(0)
    peak, total = edge_naturals(31, rng, COUNT), edge_naturals(40, rng, COUNT)
    least = rng.integers(-20, 60, COUNT)
    step, inverse = quantise_step(peak)

    def late(column):
        return np.concatenate([column[:1].repeat(chain.STEP), column])[:COUNT]

    found = Cycles("weight_scales", unit_ports.weight_scales, TINY, backend).run(
        COUNT,
        LATENCY,
        total=total,
        least=least + EXPONENT_BIAS,
        **{f"step_{part}": late(getattr(step, part)) for part in ("mantissa", "exponent")},
        **{f"inverse_{part}": late(getattr(inverse, part)) for part in ("mantissa", "exponent")},
    )
    aligned = Scale(step.mantissa, step.exponent + least).shifted(SPARE_BITS)
    mixed = (aligned * total_inverse(total)).shifted(-ZERO_FRACTION)
    for name, scale in (("inverse", inverse), ("mixed", mixed)):
        for part in ("mantissa", "exponent"):
            have = found[f"weight_{name}_{part}"][LATENCY:]
            assert np.array_equal(have, getattr(scale, part)[: COUNT - LATENCY]), (name, part)
