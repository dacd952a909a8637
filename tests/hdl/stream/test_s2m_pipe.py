"""s2m_pipe: registered backward path."""

import numpy as np
import pytest
from stream_designs import WIDTHS, full_speed, make, mixed, words_for

from myhdl_acc.hdl.stream import Stream, s2m_pipe
from myhdl_acc.simulate import open_simulation
from myhdl_acc.simulate.exercise import exercise


def test_words_pass_at_full_speed_at_once():
    design = make(s2m_pipe, sink=mixed(), source=mixed())
    words = words_for(design, "sink", 60)
    runs = exercise(design, {"sink": words}, {"source": words})
    assert runs["full_speed"].transfers["sink"].tolist() == full_speed(60)
    assert runs["full_speed"].transfers["source"].tolist() == full_speed(60)


@pytest.mark.parametrize("width", WIDTHS)
def test_any_width(width):
    design = make(s2m_pipe, sink=Stream(data=width), source=Stream(data=width))
    words = words_for(design, "sink", 30)
    exercise(design, {"sink": words}, {"source": words}, patterns=("random",))


def test_ready_falls_a_cycle_after_the_stall():
    with open_simulation(make(s2m_pipe, sink=Stream(data=4), source=Stream(data=4))) as simulation:
        run = simulation.run(
            {"sink": {"data": np.arange(4)}}, {"source": 4}, gaps={"source": np.array([0, 3, 0, 0])}, record=True
        )
    # Word 1 is taken from the sink in the cycle of the stall, word 2 only after the kept word has left.
    assert run.transfers["sink"].tolist() == [0, 1, 5, 6]
    assert run.transfers["source"].tolist() == [0, 4, 5, 6]
