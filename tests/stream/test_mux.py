"""mux: each selection passes one word of the selected stream."""

import numpy as np
import pytest
from stream_designs import full_speed, make, mixed, rows, words_for

from myhdl_acc.stream import Bundle, Stream, mux
from myhdl_acc.stream.exercise import exercise


@pytest.mark.parametrize("branches", [1, 2, 3, 5])
def test_words_pass_in_the_selected_order(branches):
    sinks = Bundle("ch", [mixed() for _ in range(branches)])
    design = make(mux, sink=sinks, sink_select=Stream(index=3), source=mixed())
    words = words_for(design, "source", 60)
    index = np.random.default_rng(branches).integers(0, branches, 60)
    inputs = {f"sink_ch{i:02d}": rows(words, index == i) for i in range(branches)}
    runs = exercise(design, {**inputs, "sink_select": {"index": index}}, {"source": words})
    assert runs["full_speed"].transfers["source"].tolist() == full_speed(60)
    assert runs["full_speed"].transfers["sink_select"].tolist() == full_speed(60)
