"""halt_when."""

import numpy as np
import pytest
from myhdl import Signal
from stream_designs import full_speed, make, mixed, wavering, words_for

from myhdl_acc.hdl.stream import Stream, halt_when
from myhdl_acc.simulate import DeadlockError, open_simulation
from myhdl_acc.simulate.exercise import exercise


def test_a_passing_condition_makes_a_wire():
    design = make(halt_when, sink=mixed(), source=mixed(), condition=Signal(bool(0)))
    words = words_for(design, "sink", 30)
    runs = exercise(design, {"sink": words, "condition": 0}, {"source": words})
    assert runs["full_speed"].transfers["source"].tolist() == full_speed(30)


def test_a_halted_stream_does_not_move():
    design = make(halt_when, sink=Stream(data=8), source=Stream(data=8), condition=Signal(bool(0)))
    with open_simulation(design) as simulation, pytest.raises(DeadlockError, match="0 of 3"):
        simulation.run({"sink": {"data": np.arange(3)}, "condition": 1}, {"source": 3})


def test_halting_loses_nothing_and_keeps_what_is_offered():
    design = make(wavering, sink=mixed(), source=mixed(), period=6)
    words = words_for(design, "sink", 40)
    runs = exercise(design, {"sink": words}, {"source": words})  # the monitors would see a withdrawn word
    assert runs["full_speed"].transfers["source"].tolist() == [6 * (i // 3) + i % 3 for i in range(40)]


def test_an_offered_word_outlasts_the_halt():
    design = make(wavering, sink=Stream(data=4), source=Stream(data=4), period=6)
    with open_simulation(design) as simulation:
        run = simulation.run({"sink": {"data": [1, 2]}}, {"source": 2}, gaps={"source": [4, 0]}, record=True)
    # Word 0 was offered in cycle 0 and passes in spite of the halt of cycles 3 to 5; word 1 waits for its end.
    assert run.transfers["source"].tolist() == [4, 6]
