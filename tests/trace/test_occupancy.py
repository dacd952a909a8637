"""Every cycle of every track is accounted for, once."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from myhdl_acc.trace.events import Event, EventTable, Track
from myhdl_acc.trace.occupancy import UNRECORDED, Occupancy, occupancy

TABLE = EventTable(
    [
        Event(0, 60, "lane", 0, -1, "w2", "beat"),
        Event(60, 100, "lane", 0, -1, "w2", "no_beat"),
        Event(10, 40, "lane", 1, -1, "w2", "beat"),
        Event(0, 100, "sink_load", -1, -1, "", "idle"),
    ]
)


def test_counts_cover_the_span():
    result = occupancy(TABLE)
    assert result.cycles == 100
    assert result.counts == {
        Track("lane", 0): {"beat": 60, "no_beat": 40},
        Track("lane", 1): {"beat": 30, UNRECORDED: 70},
        Track("sink_load"): {"idle": 100},
    }
    assert result.by_unit() == {"lane": {"beat": 90, "no_beat": 40, UNRECORDED: 70}, "sink_load": {"idle": 100}}
    assert result.states == ["idle", "beat", "no_beat", UNRECORDED]


def test_window():
    result = occupancy(TABLE, 50, 70)
    assert result.counts[Track("lane", 0)] == {"beat": 10, "no_beat": 10}
    assert result.counts[Track("lane", 1)] == {UNRECORDED: 20}


def test_overlap_is_refused():
    with pytest.raises(ValueError, match="lane 0: events overlap"):
        occupancy(EventTable([Event(0, 2, "lane", 0, -1, "", "beat"), Event(1, 3, "lane", 0, -1, "", "no_beat")]))


def test_counts_must_agree():
    with pytest.raises(ValueError, match="sink: states cover 2 of 4 cycles"):
        Occupancy(4, {Track("source"): {"idle": 4}, Track("sink"): {"idle": 2}})


@settings(deadline=None, max_examples=60)
@given(st.lists(st.integers(0, 10_000), min_size=1, max_size=5))
def test_a_printed_line_adds_up(counts):
    states = [f"s{i}" for i in range(len(counts))]
    result = Occupancy(sum(counts), {Track("sink"): dict(zip(states, counts, strict=True))})
    cells = result.text().splitlines()[1].split()[1:]
    total = round(sum(float(cell) for cell in cells), 1)
    assert total == (100.0 if sum(counts) else 0.0)
    for cell, count in zip(cells, counts, strict=True):
        assert abs(float(cell) - 100 * count / max(1, sum(counts))) < 0.1


def test_empty():
    result = occupancy(EventTable())
    assert result.cycles == 0 and result.counts == {} and result.text() == "track"
