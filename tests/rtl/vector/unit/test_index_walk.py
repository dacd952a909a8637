"""Indices of instructions: one per cycle unless results, room or a head's second statistic are waited for."""

import numpy as np
import pytest
import unit_ports
from cycle_bench import SIMULATORS, Cycles

from myhdl_acc.rtl.config import AcceleratorConfig
from myhdl_acc.rtl.vector.unit.instructions import INSTRUCTIONS

TINY = AcceleratorConfig.preset("tiny")
BLOCK = 16 * TINY.atoms
COUNT = 200


def run(op, backend="myhdl", config=TINY, **inputs):
    """The instruction's indices while ``run`` is high, from cycle 2 on unless it is given."""
    flags = {
        name: INSTRUCTIONS[op].flag(name)
        for name in ("push_byte", "step", "after", "slow", "result", "segmented", "use_table", "alive_mode")
    }
    inputs = {"run": np.arange(COUNT) >= 2} | inputs
    found = Cycles("index_walk", unit_ports.index_walk, config, backend).run(
        COUNT, 2, start=np.arange(COUNT) == 0, **{f"now_flags_{name}": value for name, value in flags.items()}, **inputs
    )
    return found, np.flatnonzero(found["index_issue"])


@pytest.mark.parametrize("backend", SIMULATORS)
def test_an_index_per_cycle(backend):
    found, cycles = run("quantise", backend, now_count=9, now_src=100)
    assert cycles.tolist() == list(range(2, 11))
    assert found["index_address"][cycles].tolist() == list(range(100, 109))
    assert found["index_token"][cycles].tolist() == list(range(9))
    assert np.flatnonzero(found["index_none_left"][2:]).tolist() == list(range(9, COUNT - 2))


@pytest.mark.parametrize("backend", SIMULATORS)
def test_a_result_per_index(backend):
    valid = np.random.default_rng(0).random(COUNT) < 0.5
    for cycle in range(1, COUNT):  # an offer stands until it is taken, which is at once while indices are left
        valid[cycle] |= valid[cycle - 1] and cycle <= 2
    valid[60:] = True
    found, cycles = run("requantise", backend, now_count=20, sink_result_valid=valid)
    assert cycles.tolist() == np.flatnonzero(valid & (np.arange(COUNT) >= 2))[:20].tolist()
    ready = found["sink_result_ready"]
    assert ready[2 : cycles[-1] + 1].all() and not ready[cycles[-1] + 1 :].any()


@pytest.mark.parametrize("backend", SIMULATORS)
def test_heads(backend):
    """Statistics per head, an index every other cycle, entries for what reads the table."""
    dims, lanes = 8 * TINY.lanes, TINY.lanes
    found, cycles = run("rope_key", backend, now_count=24, now_dims=dims, now_entry=5)
    assert cycles.tolist() == list(range(2, 2 + 48, 2))
    assert found["index_fresh"][cycles].tolist() == ([1] + 7 * [0]) * 3
    assert found["index_end"][cycles].tolist() == (7 * [0] + [1]) * 3
    assert found["index_in_head"][cycles].tolist() == list(range(dims // lanes)) * 3
    found, cycles = run("quantise_query", backend, now_count=24, now_dims=dims, now_entry=5)
    assert found["index_entry"][cycles].tolist() == 8 * [5] + 8 * [6] + 8 * [7]


@pytest.mark.parametrize(("op", "first", "fresh"), [("norm", 1, 1), ("norm", 0, 0), ("add", 0, 1), ("scores", 0, 0)])
def test_where_a_pass_begins_a_statistic(op, first, fresh):
    found, cycles = run(op, now_count=3, now_first=first, sink_result_valid=1)
    assert found["index_fresh"][cycles].tolist() == [fresh, 0, 0]


def test_weights_wait_for_room_before_a_second_half():
    room = np.arange(COUNT) >= 100
    _, cycles = run("softmax", now_count=3 * BLOCK, room_weights=room)
    wanted = [*range(2, 2 + BLOCK), *range(100, 100 + 2 * BLOCK)]
    assert cycles.tolist() == wanted


def test_where_value_parameters_begin():
    """Where tokens count; other instructions have another field there."""
    for op, first in (("softmax", 2 * BLOCK), ("scores", 7), ("quantise", 0)):
        found, cycles = run(op, now_count=5, now_value_src=2 * BLOCK, now_src=20, now_dst=27, sink_result_valid=1)
        assert found["index_token"][cycles].tolist() == list(range(first, first + 5))


def test_logits_wait_for_room():
    room = np.arange(COUNT) % 3 == 0
    _, cycles = run("logits", now_count=10, room_logits=room, sink_result_valid=1)
    assert cycles.tolist() == list(range(3, 33, 3))


def test_a_gather_stops_after_32():
    found, cycles = run("gather", now_count=64)
    assert np.flatnonzero(found["index_block_end"]).tolist() == [cycles[31], cycles[63]]
