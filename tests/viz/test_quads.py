"""The rectangles show each state for exactly as many cycles as it lasted, however many events there are."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from myhdl_acc.trace.events import Event, EventTable, Track
from myhdl_acc.viz.quads import HEIGHT, gantt_quads

runs = st.lists(
    st.tuples(st.integers(0, 2), st.integers(1, 9), st.sampled_from(["beat", "no_beat", "value:3"])), max_size=80
)


def table_of(tracks):
    events = []
    for lane, run in enumerate(tracks):
        cycle = 0
        for gap, length, state in run:
            events.append(Event(cycle + gap, cycle + gap + length, "lane", lane, -1, "w2", state))
            cycle += gap + length
    return EventTable(events)


def shown(columns):
    """{(track, state): cycles} as the rectangles show them: width times share."""
    cycles = {}
    for left, right, track, state, share in zip(
        *(columns[name] for name in ("left", "right", "track", "state", "share")), strict=True
    ):
        cycles[track, state] = cycles.get((track, state), 0) + (right - left) * share
    return cycles


@settings(deadline=None, max_examples=60)
@given(st.lists(runs, max_size=3), st.sampled_from([1, 2, 7, 50]))
def test_cycles_are_conserved(tracks, bins):
    table = table_of(tracks)
    columns, _ = gantt_quads(table, bins)
    expected = {}
    for event in table:
        key = (f"lane {event.lane}", event.state)
        expected[key] = expected.get(key, 0) + event.cycle_end - event.cycle_start
    assert shown(columns) == pytest.approx(expected)
    for name in ("left", "right"):
        assert all(table.span[0] <= edge <= table.span[1] for edge in columns[name])


@settings(deadline=None, max_examples=40)
@given(st.lists(runs, min_size=1, max_size=3), st.sampled_from([1, 7]))
def test_rectangles_stay_in_their_row_and_do_not_overlap(tracks, bins):
    columns, order = gantt_quads(table_of(tracks), bins)
    by_track = {}
    for left, right, bottom, top, track in zip(
        *(columns[name] for name in ("left", "right", "bottom", "top", "track")), strict=True
    ):
        middle = -[candidate.label for candidate in order].index(track)
        assert middle - HEIGHT / 2 - 1e-9 <= bottom < top <= middle + HEIGHT / 2 + 1e-9
        by_track.setdefault(track, []).append((left, right, bottom, top))
    for quads in by_track.values():
        for i, (left, right, bottom, top) in enumerate(quads):
            for other in quads[:i]:
                apart = left >= other[1] or right <= other[0]
                assert apart or bottom >= other[3] - 1e-9 or top <= other[2] + 1e-9


def test_few_events_are_exact():
    table = EventTable([Event(3, 5, "sink", -1, -1, "w2", "transfer"), Event(5, 6, "sink", -1, -1, "", "stalled")])
    columns, tracks = gantt_quads(table)
    assert tracks == [Track("sink")]
    assert columns["left"] == [3, 5] and columns["right"] == [5, 6] and columns["op"] == ["w2", ""]
    assert columns["state"] == ["transfer", "stalled"] and columns["share"] == [HEIGHT / HEIGHT] * 2
    assert columns["bottom"] == pytest.approx([-HEIGHT / 2] * 2) and columns["top"] == pytest.approx([HEIGHT / 2] * 2)


def test_a_million_cycles_stay_few():
    start = np.arange(0, 1_000_000, 2)
    table = EventTable()
    table.extend_columns(start, start + 1, "lane", 0, state="beat")
    table.extend_columns(start + 1, start + 2, "lane", 0, state="no_beat")
    table.extend_columns([0], [1_000_000], "lane", 1, state="beat")
    columns, _ = gantt_quads(table, bins=500)
    assert len(columns["left"]) == 2 * 500 + 1
    assert shown(columns) == pytest.approx(
        {("lane 0", "beat"): 500_000, ("lane 0", "no_beat"): 500_000, ("lane 1", "beat"): 1_000_000}
    )


def test_long_runs_are_one_rectangle_even_when_binned():
    start = np.arange(0, 1000, 2)
    table = EventTable()
    table.extend_columns(start, start + 1, "lane", 0, state="beat")
    table.extend_columns(start + 1, start + 2, "lane", 0, state="no_beat")
    table.extend_columns([1000], [100_000], "lane", 0, state="no_command")
    columns, _ = gantt_quads(table, bins=100)
    assert [
        (left, right)
        for left, right, state in zip(columns["left"], columns["right"], columns["state"], strict=True)
        if state == "no_command"
    ] == [(1000, 100_000)]


def test_empty():
    columns, tracks = gantt_quads(EventTable())
    assert tracks == [] and all(column == [] for column in columns.values())
