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
    columns = 1 << heads_log2
    wanted = [(250 + 3 * min(column, heads - 1)) % 256 for column in range(columns)]
    assert found["entry"][3 : 3 + columns].tolist() == wanted
    # The entry is there a cycle after its head's turn.
    given = 3 + chain.QUERY + np.arange(columns)
    assert np.flatnonzero(found["shift_query"]).tolist() == given.tolist()
    assert found["shift_head"][given].tolist() == list(range(columns))
    assert not found["shift_statistic"].any() and not found["shift_mixed"].any()
    assert np.flatnonzero(found["shifted"][2:])[0] == given[-1] - 1


@pytest.mark.parametrize("heads_log2", [0, 2, 3])
def test_statistics_out_and_scales_in(heads_log2):
    found = run(heads=1, heads_log2=heads_log2, flags_after=SCALES)
    columns = np.arange(1 << heads_log2)
    assert np.flatnonzero(found["shift_statistic"]).tolist() == (2 + columns).tolist()
    given = 2 + chain.MIXED + columns
    assert np.flatnonzero(found["shift_mixed"]).tolist() == given.tolist()
    assert found["shift_head"][given].tolist() == columns.tolist()
    assert not found["shift_query"].any()
