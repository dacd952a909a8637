"""add_last: every length-th word ends a packet."""

import numpy as np
import pytest
from stream_designs import full_speed, make, words_for

from myhdl_acc.simulate import open_simulation
from myhdl_acc.stream import Stream, add_last, signed
from myhdl_acc.stream.exercise import exercise


@pytest.mark.parametrize("length", [1, 2, 3, 8, 13])
def test_last_comes_every_length_words(length):
    design = make(
        add_last,
        sink=Stream(data=13, number=signed(7)),
        source=Stream(data=13, number=signed(7), last=1),
        length=length,
    )
    words = words_for(design, "sink", 3 * length)
    expected = {**words, "last": (np.arange(3 * length) % length == length - 1).astype(int)}
    runs = exercise(design, {"sink": words}, {"source": expected})
    assert runs["full_speed"].transfers["source"].tolist() == full_speed(3 * length)


@pytest.mark.parametrize(
    "sink, source, length, message",
    [
        (Stream(data=8), Stream(data=8, last=1), 0, "1 or more"),
        (Stream(data=8), Stream(data=8), 4, "cannot have"),
        (Stream(data=8, last=1), Stream(data=8, last=1), 4, "cannot have"),
        (Stream(data=8), Stream(data=9, last=1), 4, "8 bits in one stream, 9 in the other"),
    ],
)
def test_impossible_packets(sink, source, length, message):
    with pytest.raises(ValueError, match=message):
        open_simulation(make(add_last, sink=sink, source=source, length=length))
