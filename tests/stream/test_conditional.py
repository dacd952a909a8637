"""halt_when, throw_when, take_when."""

import numpy as np
import pytest
from myhdl import Signal
from stream_designs import full_speed, make, mixed, rows, thinned, wavering, words_for

from myhdl_acc.simulate import DeadlockError, open_simulation
from myhdl_acc.stream import Stream, halt_when, take_when, throw_when
from myhdl_acc.stream.backpressure import gap_array
from myhdl_acc.stream.exercise import exercise


@pytest.mark.parametrize("block, condition", [(halt_when, 0), (throw_when, 0), (take_when, 1)])
def test_a_passing_condition_makes_a_wire(block, condition):
    design = make(block, sink=mixed(), source=mixed(), condition=Signal(bool(0)))
    words = words_for(design, "sink", 30)
    runs = exercise(design, {"sink": words, "condition": condition}, {"source": words})
    assert runs["full_speed"].transfers["source"].tolist() == full_speed(30)


def test_a_halted_stream_does_not_move():
    design = make(halt_when, sink=Stream(data=8), source=Stream(data=8), condition=Signal(bool(0)))
    with open_simulation(design) as simulation, pytest.raises(DeadlockError, match="0 of 3"):
        simulation.run({"sink": {"data": np.arange(3)}, "condition": 1}, {"source": 3})


@pytest.mark.parametrize("block, condition", [(throw_when, 1), (take_when, 0)])
def test_dropped_words_are_consumed_at_full_speed(block, condition):
    design = make(block, sink=Stream(data=8), source=Stream(data=8), condition=Signal(bool(0)))
    with open_simulation(design) as simulation:
        run = simulation.run({"sink": {"data": np.arange(20)}, "condition": condition}, {"source": 0})
    assert run.cycles == 20


@pytest.mark.parametrize("keep_flagged", [True, False])
def test_the_payload_can_decide(keep_flagged):
    design = make(thinned, sink=mixed(), source=mixed(), keep_flagged=keep_flagged)
    words = words_for(design, "sink", 60)
    words["flag"][-1] = keep_flagged  # the run ends with a word that comes out
    expected = rows(words, words["flag"] == keep_flagged)
    runs = exercise(design, {"sink": words}, {"source": expected})
    assert runs["full_speed"].transfers["sink"].tolist() == full_speed(60)


def test_halting_loses_nothing_and_keeps_what_is_offered():
    design = make(wavering, sink=mixed(), source=mixed(), behaviour="halt", period=6)
    words = words_for(design, "sink", 40)
    runs = exercise(design, {"sink": words}, {"source": words})  # the monitors would see a withdrawn word
    assert runs["full_speed"].transfers["source"].tolist() == [6 * (i // 3) + i % 3 for i in range(40)]


def test_an_offered_word_outlasts_the_halt():
    design = make(wavering, sink=Stream(data=4), source=Stream(data=4), behaviour="halt", period=6)
    with open_simulation(design) as simulation:
        run = simulation.run({"sink": {"data": [1, 2]}}, {"source": 2}, gaps={"source": [4, 0]}, record=True)
    # Word 0 was offered in cycle 0 and passes in spite of the halt of cycles 3 to 5; word 1 waits for its end.
    assert run.transfers["source"].tolist() == [4, 6]


def passing(sink_gaps, source_gaps, period, dropped):
    """The words that pass a condition that is high in the second half of every ``period`` cycles, and when they do."""
    now, free, passed, cycles = 0, source_gaps[0], [], []
    for word, gap in enumerate(sink_gaps):
        now += gap
        if (now % period >= period // 2) != dropped:
            now = max(now, free)
            passed.append(word)
            cycles.append(now)
            free = now + 1 + source_gaps[len(passed)]
        now += 1
    return passed, cycles


@pytest.mark.parametrize("kind", ["never", "always", "random", "bursty"])
@pytest.mark.parametrize("behaviour, dropped", [("throw", True), ("take", False)])
def test_the_first_cycle_of_a_word_decides(behaviour, dropped, kind):
    design = make(wavering, sink=Stream(data=8), source=Stream(data=8), behaviour=behaviour, period=4)
    sink_gaps, source_gaps = gap_array("random", 60, 1), gap_array(kind, 61, 2)
    passed, cycles = passing(sink_gaps.tolist(), source_gaps.tolist(), 4, dropped)
    gaps = {"sink": sink_gaps, "source": source_gaps[: len(passed)]}
    with open_simulation(design) as simulation:
        run = simulation.run({"sink": {"data": np.arange(60)}}, {"source": len(passed)}, gaps=gaps, record=True)
    assert 10 < len(passed) < 50
    assert run.outputs["source"]["data"].tolist() == passed
    assert run.transfers["source"].tolist() == cycles
