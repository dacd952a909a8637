"""m2s_pipe: registered forward path."""

import numpy as np
import pytest
from stream_designs import WIDTHS, full_speed, make, mixed, words_for

from myhdl_acc.hdl.stream import Stream, m2s_pipe, signed
from myhdl_acc.simulate import open_simulation
from myhdl_acc.simulate.exercise import exercise


def test_words_pass_at_full_speed_one_cycle_later():
    design = make(m2s_pipe, sink=mixed(), source=mixed())
    words = words_for(design, "sink", 60)
    runs = exercise(design, {"sink": words}, {"source": words})
    assert runs["full_speed"].transfers["sink"].tolist() == full_speed(60)
    assert runs["full_speed"].transfers["source"].tolist() == [cycle + 1 for cycle in full_speed(60)]


@pytest.mark.parametrize("width", WIDTHS)
def test_any_width(width):
    design = make(m2s_pipe, sink=Stream(data=width), source=Stream(data=width))
    words = words_for(design, "sink", 30)
    exercise(design, {"sink": words}, {"source": words}, patterns=("random",))


def test_stream_without_payload():
    exercise(make(m2s_pipe, sink=Stream(), source=Stream()), {"sink": 20}, {"source": 20}, patterns=("random",))


def test_empty_register_takes_a_word_without_ready():
    with open_simulation(make(m2s_pipe, sink=Stream(data=4), source=Stream(data=4))) as simulation:
        run = simulation.run(
            {"sink": {"data": np.arange(3)}}, {"source": 3}, gaps={"source": np.array([5, 0, 0])}, record=True
        )
    assert run.transfers["sink"].tolist() == [0, 5, 6]
    assert run.transfers["source"].tolist() == [5, 6, 7]


@pytest.mark.parametrize(
    "source, message",
    [
        (Stream(data=8), "different fields"),
        (Stream(data=7, last=1), "8 bits in one stream, 7 in the other"),
        (Stream(data=signed(8), last=1), "signedness differs"),
    ],
)
def test_streams_must_match(source, message):
    design = make(m2s_pipe, sink=Stream(data=8, last=1), source=source)
    with pytest.raises(ValueError, match=message):
        open_simulation(design)
