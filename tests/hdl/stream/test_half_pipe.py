"""half_pipe: both paths registered, half the throughput."""

import pytest
from stream_designs import WIDTHS, make, mixed, words_for

from myhdl_acc.hdl.stream import Stream, half_pipe
from myhdl_acc.simulate.exercise import exercise


def test_a_word_every_second_cycle_one_cycle_later():
    design = make(half_pipe, sink=mixed(), source=mixed())
    words = words_for(design, "sink", 40)
    runs = exercise(design, {"sink": words}, {"source": words})
    assert runs["full_speed"].transfers["sink"].tolist() == list(range(0, 80, 2))
    assert runs["full_speed"].transfers["source"].tolist() == list(range(1, 81, 2))


@pytest.mark.parametrize("width", WIDTHS)
def test_any_width(width):
    design = make(half_pipe, sink=Stream(data=width), source=Stream(data=width))
    words = words_for(design, "sink", 30)
    exercise(design, {"sink": words}, {"source": words}, patterns=("random",))
