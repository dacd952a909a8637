"""demux: each selection sends one word to the selected stream."""

import numpy as np
import pytest
from stream_designs import full_speed, make, mixed, rows, words_for

from myhdl_acc.stream import Bundle, Stream, demux
from myhdl_acc.stream.exercise import exercise


@pytest.mark.parametrize("branches", [1, 2, 3, 5])
def test_words_go_where_the_selection_says(branches):
    sources = Bundle("ch", [mixed() for _ in range(branches)])
    design = make(demux, sink=mixed(), sink_select=Stream(index=3), source=sources)
    words = words_for(design, "sink", 60)
    index = np.random.default_rng(branches).integers(0, branches, 60)
    expected = {f"source_ch{i:02d}": rows(words, index == i) for i in range(branches)}
    runs = exercise(design, {"sink": words, "sink_select": {"index": index}}, expected)
    assert runs["full_speed"].transfers["sink"].tolist() == full_speed(60)
    for i in range(branches):
        assert runs["full_speed"].transfers[f"source_ch{i:02d}"].tolist() == np.flatnonzero(index == i).tolist()
