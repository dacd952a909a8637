"""Which head's entry a column gets, and when registers move: for every number of heads and of their lanes."""

import dataclasses

import numpy as np
import pytest
import unit_ports
from cycle_bench import SIMULATORS, Cycles

from myhdl_acc.rtl.config import AcceleratorConfig
from myhdl_acc.rtl.vector.unit import latencies as chain
from myhdl_acc.rtl.vector.unit.flags import SCALES

LANES = 8
CONFIG = dataclasses.replace(AcceleratorConfig.preset("tiny"), lanes=LANES)
COUNT = LANES + 60


def run(backend="myhdl", **now):
    cycle = np.arange(COUNT) - 2
    now = {f"now_{name}": value for name, value in now.items()}
    return Cycles("column_shifts", unit_ports.column_shifts, CONFIG, backend).run(
        COUNT, 2, columns=cycle >= 0, cycle=np.maximum(cycle, 0), **now
    )


@pytest.mark.parametrize("backend", SIMULATORS)
@pytest.mark.parametrize(("heads_log2", "heads"), [(0, 1), (1, 2), (2, 3), (3, 5), (3, 8)])
def test_queries(backend, heads_log2, heads):
    found = run(backend, heads_log2=heads_log2, heads=heads, entry=250, stride=3, flags_selects=1)
    wanted = [(250 + 3 * min(column % (1 << heads_log2), heads - 1)) % 256 for column in range(LANES)]
    assert found["entry"][3 : 3 + LANES].tolist() == wanted
    # The entry is there a cycle after its column's turn.
    assert np.flatnonzero(found["shift_query"]).tolist() == [3 + chain.QUERY + column for column in range(LANES)]
    assert not found["shift_statistic"].any() and not found["shift_weight"].any()
    assert found["shifted"][-1] and not found["shifted"][3 + chain.QUERY]


def test_statistics_out_and_scales_in():
    found = run(heads=1, flags_after=SCALES)
    assert np.flatnonzero(found["shift_statistic"]).tolist() == list(range(2, 2 + LANES))
    assert np.flatnonzero(found["shift_weight"]).tolist() == [2 + chain.WEIGHT + column for column in range(LANES)]
    assert not found["shift_query"].any()
