"""Indices arrive as late as the instruction says, and none of an earlier instruction does."""

import dataclasses

import numpy as np
import pytest
import unit_ports
from cycle_bench import SIMULATORS, Cycles

from golden.layout import HeadLanes
from myhdl_acc.rtl.config import AcceleratorConfig
from myhdl_acc.rtl.vector.unit.instructions import LONGEST

TINY = AcceleratorConfig.preset("tiny")
FOUR = dataclasses.replace(TINY, lanes=4)
BLOCK = 16 * TINY.atoms
COUNT = 3 * LONGEST + 40


@pytest.mark.parametrize("latency", [1, 6, LONGEST])
@pytest.mark.parametrize("backend", SIMULATORS)
def test_after_the_latency(backend, latency):
    rng = np.random.default_rng(latency)
    issue, fresh, end = (rng.random(COUNT) < share for share in (0.6, 0.3, 0.3))
    issue[-LONGEST - 2 :] = False
    found = Cycles("arrivals", unit_ports.arrivals, TINY, backend).run(
        COUNT,
        LONGEST + 2,
        start=np.arange(COUNT) == 0,
        now_latency=latency,
        now_dst=100,
        index_issue=issue,
        index_fresh=fresh,
        index_end=end,
    )
    arrived = np.concatenate([np.zeros(latency, bool), issue[: COUNT - latency]])
    on_the_way = np.cumsum(issue) - issue - (np.cumsum(arrived) - arrived)
    for cycle in range(LONGEST + 2, COUNT):
        assert found["arrival_commit"][cycle] == arrived[cycle]
        assert found["arrival_fresh"][cycle] == fresh[cycle - latency]
        assert found["arrival_end"][cycle] == end[cycle - latency]
        assert found["arrival_destination"][cycle] == 100 + arrived[:cycle].sum()
        assert found["arrival_none"][cycle] == (on_the_way[cycle - 1 : cycle + 1] == 0).all()
        assert found["arrival_last"][cycle] == (on_the_way[cycle] == 1)
    assert on_the_way.max() > 1 or latency == 1


def test_what_has_arrived_early_does_not_arrive_again():
    clear = np.arange(COUNT) == 10
    found = Cycles("arrivals", unit_ports.arrivals, TINY).run(
        COUNT, clear=clear, now_latency=np.where(np.arange(COUNT) > 10, LONGEST, 1), index_issue=np.arange(COUNT) < 8
    )
    assert np.flatnonzero(found["arrival_commit"]).tolist() == list(range(1, 9))


def test_none_arrives_at_a_latency_of_0():
    found = Cycles("arrivals", unit_ports.arrivals, TINY).run(COUNT, now_latency=0, index_issue=np.ones(COUNT, bool))
    assert not found["arrival_commit"].any()


@pytest.mark.parametrize("heads_log2", [0, 1, 2])
def test_slots(heads_log2):
    """Of the lane that is the first of its head, as golden lays them out."""
    count = 3 * BLOCK
    found = Cycles("arrivals", unit_ports.arrivals, FOUR).run(
        count + 3,
        start=np.arange(count + 3) == 0,
        index_issue=np.arange(count + 3) >= 2,
        now_latency=1,
        now_heads_log2=heads_log2,
    )
    slots = HeadLanes(FOUR.lanes, heads_log2, BLOCK).slots(count)[0]
    assert found["arrival_slot"][3:].tolist() == slots.tolist()
