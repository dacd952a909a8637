"""What mixed values are scaled by, against golden: one in every cycle."""

import numpy as np
import pytest
import unit_ports
from cycle_bench import SIMULATORS, Cycles
from unit_bench import edge_naturals

from golden.units.kv_quantise import ZERO_FRACTION
from golden.units.total_inverse import total_inverse
from myhdl_acc.rtl.config import AcceleratorConfig
from myhdl_acc.rtl.vector.unit.weight_scales import LATENCY

TINY = AcceleratorConfig.preset("tiny")
COUNT = 100


@pytest.mark.parametrize("backend", SIMULATORS)
def test_like_golden(backend):
    rng = np.random.default_rng(0)
    total, places = edge_naturals(40, rng, COUNT), rng.integers(-170, 90, COUNT)
    found = Cycles("weight_scales", unit_ports.weight_scales, TINY, backend).run(
        COUNT, LATENCY, statistic_total=total, statistic_places=places
    )
    mixed = total_inverse(total).shifted(places - ZERO_FRACTION)
    for part in ("mantissa", "exponent"):
        assert np.array_equal(found[f"mixed_{part}"][LATENCY:], getattr(mixed, part)[: COUNT - LATENCY]), part
