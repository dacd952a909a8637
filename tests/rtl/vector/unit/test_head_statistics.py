"""When a head's scales and sums are written: as long after its last value as they take, and to its entry."""

import numpy as np
import pytest
import unit_ports
from cycle_bench import SIMULATORS, Cycles

from myhdl_acc.rtl.config import AcceleratorConfig
from myhdl_acc.rtl.vector.arith.butterfly import latency as butterfly_latency
from myhdl_acc.rtl.vector.unit import latencies as chain
from myhdl_acc.rtl.vector.unit.head_statistics import ENTERS

TINY = AcceleratorConfig.preset("tiny")
STAGES = ENTERS + butterfly_latency(TINY.lanes)
COUNT = 150
PUSHES = [5, 9, 15]


def run(backend, **flags):
    pushed = np.isin(np.arange(COUNT), PUSHES)
    flags = {f"flags_{name}": value for name, value in flags.items()}
    found = Cycles("head_statistics", unit_ports.head_statistics, TINY, backend).run(
        COUNT, 1, start=np.arange(COUNT) == 0, first_entry=40, push=pushed, **flags
    )
    return {name: np.flatnonzero(column).tolist() for name, column in found.items()}, found["table_written"]


@pytest.mark.parametrize(
    ("flags", "late"),
    [
        ({}, STAGES + chain.STEP),
        ({"from_range": 1}, STAGES + 1 + chain.RANGE),
        ({"from_squares": 1, "use_table": 1, "track_total": 1}, STAGES + chain.HEAD_NORM),
    ],
)
@pytest.mark.parametrize("backend", SIMULATORS)
def test_scales(backend, flags, late):
    found, written = run(backend, **flags)
    assert found["table_scales"] == [push + late for push in PUSHES]
    assert [written[cycle] for cycle in found["table_scales"]] == [40, 41, 42]
    assert found["table_sum"] == []
    assert found["pending"][0] == PUSHES[0] + 1 and found["pending"][-1] >= PUSHES[-1] + late
    assert found["pending"][-1] <= PUSHES[-1] + (late if "from_range" in flags else STAGES + chain.STEP)
    at_end = [push + STAGES for push in PUSHES]
    assert found["shown_high"] == (at_end if "from_range" in flags else [])
    assert found["shown_total"] == (at_end if "from_squares" in flags else [])
    assert found["shown_low"] == ([push + ENTERS for push in PUSHES] if "from_range" in flags else [])


def test_sums_of_queries():
    found, written = run("myhdl", use_table=1, track_total=1, activation=1)
    assert found["table_sum"] == [push + STAGES for push in PUSHES]
    assert [written[cycle] for cycle in found["table_sum"]] == [40, 41, 42]
    assert found["pending"][-1] == PUSHES[-1] + STAGES
    assert found["table_scales"] == []
