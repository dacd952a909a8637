"""width_converter: narrow to wide and back by an integer ratio."""

import numpy as np
import pytest
from stream_designs import full_speed, make, mixed, words_for

from myhdl_acc.hdl.stream import Stream, signed, width_converter
from myhdl_acc.simulate import open_simulation
from myhdl_acc.simulate.exercise import exercise


def integers(column, width):
    """A column as Python integers of ``width`` bits, two's complement as unsigned."""
    mask = (1 << width) - 1
    if np.ndim(column) == 2:
        return [int.from_bytes(row.tobytes(), "little") for row in column]
    return [int(value) & mask for value in column]


def column(values, width):
    """The inverse of integers() for an unsigned field."""
    if width <= 63:
        return np.array(values, np.int64)
    size = -(-width // 8)
    return np.array([list(value.to_bytes(size, "little")) for value in values], np.uint8).reshape(-1, size)


def packed(parts, width, ratio, ends):
    """The wide words of narrow ones: a word ends after ``ratio`` parts or with an ``ends``; missing parts are 0."""
    words, filled = [0], 0
    for part, end in zip(parts, ends, strict=True):
        words[-1] |= part << width * filled
        filled += 1
        if filled == ratio or end:
            words.append(0)
            filled = 0
    return words[:-1] if filled == 0 else words


@pytest.mark.parametrize("ratio", [2, 3, 4, 5])
@pytest.mark.parametrize("width", [1, 7, 33])
def test_widening(width, ratio):
    design = make(width_converter, sink=Stream(data=width), source=Stream(data=width * ratio))
    words = words_for(design, "sink", 12 * ratio)
    wide = packed(integers(words["data"], width), width, ratio, [0] * 12 * ratio)
    runs = exercise(design, {"sink": words}, {"source": {"data": column(wide, width * ratio)}})
    assert runs["full_speed"].transfers["sink"].tolist() == full_speed(12 * ratio)
    assert runs["full_speed"].transfers["source"].tolist() == list(range(ratio, 12 * ratio + 1, ratio))


@pytest.mark.parametrize("ratio", [2, 3, 4, 5])
@pytest.mark.parametrize("width", [1, 7, 33])
def test_narrowing(width, ratio):
    design = make(width_converter, sink=Stream(data=width * ratio), source=Stream(data=width))
    words = words_for(design, "sink", 12)
    mask = (1 << width) - 1
    parts = [value >> width * i & mask for value in integers(words["data"], width * ratio) for i in range(ratio)]
    runs = exercise(design, {"sink": words}, {"source": {"data": column(parts, width)}})
    assert runs["full_speed"].transfers["sink"].tolist() == list(range(0, 12 * ratio, ratio))
    assert runs["full_speed"].transfers["source"].tolist() == list(range(1, 12 * ratio + 1))


@pytest.mark.parametrize("ratio", [2, 3, 5])
def test_last_completes_a_wide_word(ratio):
    narrow = {"flag": 1, "data": 13, "number": signed(7)}
    wide = {"flag": ratio, "data": 13 * ratio, "number": 7 * ratio}
    design = make(width_converter, sink=Stream(**narrow, last=1), source=Stream(**wide, last=1))
    words = words_for(design, "sink", 60)
    words["last"] = (np.random.default_rng(ratio).random(60) < 0.3).astype(int)
    words["last"][-1] = 1
    ends = words["last"].tolist()
    expected = {
        name: column(packed(integers(words[name], width), width, ratio, ends), width * ratio)
        for name, width in (("flag", 1), ("data", 13), ("number", 7))
    }
    # A wide word is the last one exactly if one of its parts is, which can only be the one that completes it.
    expected["last"] = np.array(packed(ends, 1, ratio, ends)) > 0
    exercise(design, {"sink": words}, {"source": expected})


@pytest.mark.parametrize("ratio", [2, 3])
def test_last_comes_with_the_last_part(ratio):
    wide = {"flag": ratio, "data": 13 * ratio, "number": 7 * ratio}
    narrow = {"flag": 1, "data": 13, "number": signed(7)}
    design = make(width_converter, sink=Stream(**wide, last=1), source=Stream(**narrow, last=1))
    words = words_for(design, "sink", 30)
    expected = {"last": np.zeros(30 * ratio, int)}
    expected["last"][ratio - 1 :: ratio] = words["last"]
    for name, width in (("flag", 1), ("data", 13), ("number", 7)):
        mask = (1 << width) - 1
        parts = [value >> width * i & mask for value in integers(words[name], 63) for i in range(ratio)]
        expected[name] = np.array(parts)
    expected["number"] = np.where(expected["number"] > 63, expected["number"] - 128, expected["number"])
    exercise(design, {"sink": words}, {"source": expected})


def test_equal_widths_are_wires():
    design = make(width_converter, sink=mixed(), source=mixed())
    words = words_for(design, "sink", 30)
    runs = exercise(design, {"sink": words}, {"source": words})
    assert runs["full_speed"].transfers["source"].tolist() == full_speed(30)


@pytest.mark.parametrize(
    "sink, source, message",
    [
        ({"a": 8}, {"a": 12}, "integer ratio"),
        ({"a": 8, "b": 1}, {"a": 16, "b": 4}, "integer ratio"),
        ({"a": 8}, {"b": 16}, "fields"),
        ({"a": 8}, {"a": signed(16)}, "must be unsigned"),
        ({"last": 1, "a": 8}, {"last": 2, "a": 16}, "1 bits in one stream, 2 in the other"),
        ({"a": 16}, {"a": signed(16)}, "signedness"),
    ],
)
def test_impossible_widths(sink, source, message):
    with pytest.raises(ValueError, match=message):
        open_simulation(make(width_converter, sink=Stream(**sink), source=Stream(**source)))
