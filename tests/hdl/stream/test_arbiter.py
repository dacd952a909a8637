"""arbiter: several streams share one."""

import numpy as np
import pytest
from stream_designs import full_speed, make, mixed, words_for

from myhdl_acc.hdl.stream import Array, Stream, arbiter
from myhdl_acc.simulate import open_simulation
from myhdl_acc.simulate.backpressure import gap_array
from myhdl_acc.simulate.exercise import PATTERNS
from myhdl_acc.simulate.scoreboard import check_words


def arbiter_of(branches, stream=mixed, **policy):
    return make(arbiter, sink=Array("ch", [stream() for _ in range(branches)]), source=stream(), **policy)


@pytest.mark.parametrize("policy", ["round_robin", "lowest_first"])
@pytest.mark.parametrize("branches", [1, 2, 3, 5])
def test_every_word_passes_once_and_in_its_streams_order(branches, policy):
    design = arbiter_of(branches, policy=policy)
    count = 24
    inputs = {name: words_for(design, name, count, seed) for seed, name in enumerate(design.inputs)}
    with open_simulation(design) as simulation:
        for sink_gaps, source_gaps in PATTERNS.values():
            gaps = {name: gap_array(sink_gaps, count, seed) for seed, name in enumerate(inputs)}
            gaps["source"] = gap_array(source_gaps, count * branches, branches)
            run = simulation.run(inputs, {"source": count * branches}, gaps=gaps, record=True)
            # The word that passes in a cycle is the next one of the stream that transfers in it.
            turns = sorted((cycle, name, i) for name in inputs for i, cycle in enumerate(run.transfers[name]))
            assert [cycle for cycle, _, _ in turns] == run.transfers["source"].tolist()
            expected = {
                field: np.array([inputs[name][field][i] for _, name, i in turns]) for field in run.outputs["source"]
            }
            check_words(run.outputs["source"], expected)


@pytest.mark.parametrize("policy", ["round_robin", "lowest_first"])
def test_order_and_throughput_when_all_are_waiting(policy):
    design = arbiter_of(3, lambda: Stream(data=4), policy=policy)
    inputs = {name: {"data": np.full(5, index)} for index, name in enumerate(design.inputs)}
    with open_simulation(design) as simulation:
        run = simulation.run(inputs, {"source": 15}, record=True)
    order = [0, 1, 2] * 5 if policy == "round_robin" else [0] * 5 + [1] * 5 + [2] * 5
    assert run.outputs["source"]["data"].tolist() == order
    assert run.transfers["source"].tolist() == full_speed(15)


@pytest.mark.parametrize("policy", ["round_robin", "lowest_first"])
def test_an_offered_word_keeps_its_grant(policy):
    design = arbiter_of(3, lambda: Stream(data=4), policy=policy)
    inputs = {name: {"data": np.array([index])} for index, name in enumerate(design.inputs)}
    gaps = {"sink_ch00": np.array([3]), "sink_ch01": np.array([2]), "source": np.array([6, 0, 0])}
    with open_simulation(design) as simulation:
        run = simulation.run(inputs, {"source": 3}, gaps=gaps)
    assert run.outputs["source"]["data"].tolist() == [2, 0, 1]


def test_round_robin_passes_no_one_twice_over_a_waiting_stream():
    design = arbiter_of(5, lambda: Stream(data=4))
    inputs = {name: {"data": np.full(30, index)} for index, name in enumerate(design.inputs)}
    gaps = {name: gap_array("random", 30, seed) for seed, name in enumerate(inputs)}
    with open_simulation(design) as simulation:
        run = simulation.run(inputs, {"source": 150}, gaps=gaps, record=True)
    for name in inputs:
        offered = np.concatenate([[0], run.transfers[name][:-1] + 1]) + gaps[name]
        for start, end in zip(offered, run.transfers[name], strict=True):
            others = [other for other in inputs if other != name]
            passed = [((run.transfers[o] >= start) & (run.transfers[o] < end)).sum() for o in others]
            assert max(passed) <= 1


def test_unknown_policy():
    with pytest.raises(ValueError, match="round_robin, lowest_first"):
        open_simulation(arbiter_of(2, policy="fair"))
