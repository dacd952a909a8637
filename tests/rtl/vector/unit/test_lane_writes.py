"""When the lanes get halves of slices and logits, and how many zeros fill a beat."""

import numpy as np
import pytest
import unit_ports
from cycle_bench import SIMULATORS, Cycles

from myhdl_acc.rtl.config import AcceleratorConfig
from myhdl_acc.rtl.vector.unit.flags import TOKEN
from myhdl_acc.rtl.vector.unit.live_token import LATENCY as WRITTEN

TINY = AcceleratorConfig.preset("tiny")
WORDS = TINY.beat_bits // 32
COUNT = 100


def run(backend="myhdl", **inputs):
    commit = (np.random.default_rng(0).random(COUNT) < 0.6) & (np.arange(COUNT) > 1)
    found = Cycles("lane_writes", unit_ports.lane_writes, TINY, backend).run(
        COUNT, 1, start=np.arange(COUNT) == 0, arrival_commit=commit, **inputs
    )
    return commit, found


@pytest.mark.parametrize("backend", SIMULATORS)
def test_halves(backend):
    after = np.where(np.arange(COUNT) == 0, TOKEN, 0)  # an instruction before, so that elements have a number
    commit, found = run(backend, now_flags_push_byte=1, now_first=1, now_flags_after=after)
    assert np.flatnonzero(found["orders_push_half"]).tolist() == (np.flatnonzero(commit)[15::16] + 1 + WRITTEN).tolist()
    assert not found["orders_logits_commit"].any()


@pytest.mark.parametrize("backend", SIMULATORS)
def test_logits(backend):
    commit, found = run(backend, now_flags_after=TOKEN, now_first=1, now_address=77, now_row=1, now_heads=2)
    assert np.array_equal(found["orders_logits_commit"][1:], commit[1:])
    assert found["orders_logits_index"][commit].tolist() == list(range(commit.sum()))
    whole = np.cumsum(commit) - commit
    assert np.array_equal(found["whole_beats"][1:], whole[1:] % WORDS == 0)
    assert not found["orders_push_half"].any()
    for name, value in (("address", 77), ("row", 1), ("heads", 2)):
        assert (found[f"orders_logits_{name}"][1:] == value).all()


def test_zeros_fill_a_beat():
    commit, pad = np.isin(np.arange(COUNT), [3, 5, 6]), np.arange(COUNT) > 10
    found = Cycles("lane_writes", unit_ports.lane_writes, TINY).run(
        COUNT, start=np.arange(COUNT) == 0, arrival_commit=commit, pad=pad, now_flags_after=TOKEN
    )
    assert np.flatnonzero(found["orders_logits_pad"]).tolist() == list(range(11, 11 + -3 % WORDS))


def test_elements_go_on_from_one_instruction_to_the_next():
    start, commit = np.isin(np.arange(COUNT), [0, 10]), np.isin(np.arange(COUNT), [3, 4, 12])
    first = np.arange(COUNT) < 5
    found = Cycles("lane_writes", unit_ports.lane_writes, TINY).run(
        COUNT, start=start, arrival_commit=commit, now_first=first, now_flags_after=TOKEN
    )
    assert found["orders_logits_index"][commit].tolist() == [0, 1, 2]
    assert np.flatnonzero(found["orders_logits_clear"]).tolist() == [0]
    assert np.flatnonzero(found["orders_logits_start"]).tolist() == [0, 10]
