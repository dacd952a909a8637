"""The rectangles show each state for exactly as many cycles as it lasted, however many events there are."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from myhdl_acc.trace.events import Event, EventTable, Track
from myhdl_acc.viz.quads import HEIGHT, LEVELS, binned_level, exact_level, levels

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


def shown(table, level, tracks):
    """{(track, state): cycles} as the rectangles show them: width times share."""
    cycles = {}
    for left, right, y, height, state in zip(
        *(level.columns[name].tolist() for name in ("left", "right", "y", "height", "state")), strict=True
    ):
        key = tracks[-round(y)].label, table.names["state"][state]
        cycles[key] = cycles.get(key, 0) + (right - left) * height / HEIGHT
    return cycles


@settings(deadline=None, max_examples=60)
@given(st.lists(runs, min_size=1, max_size=3), st.sampled_from([0, 1, 2, 7, 50]))
def test_cycles_are_conserved(tracks, cycles):
    table = table_of(tracks).merged()
    order = list(table.track_rows())
    level = binned_level(table, order, cycles) if cycles else exact_level(table, order)
    expected = {}
    for event in table:
        key = (f"lane {event.lane}", event.state)
        expected[key] = expected.get(key, 0) + event.cycle_end - event.cycle_start
    assert shown(table, level, order) == pytest.approx(expected, rel=1e-5)
    for name in ("left", "right"):
        assert all(table.span[0] <= edge <= table.span[1] for edge in level.columns[name])


@settings(deadline=None, max_examples=40)
@given(st.lists(runs, min_size=1, max_size=3), st.sampled_from([0, 1, 7]))
def test_rectangles_stay_in_their_row_and_do_not_overlap(tracks, cycles):
    table = table_of(tracks).merged()
    order = list(table.track_rows())
    level = binned_level(table, order, cycles) if cycles else exact_level(table, order)
    by_track = {}
    for left, right, y, height in zip(
        *(level.columns[name].tolist() for name in ("left", "right", "y", "height")), strict=True
    ):
        bottom, top = y - height / 2, y + height / 2
        middle = round(y)
        assert middle - HEIGHT / 2 - 1e-6 <= bottom < top <= middle + HEIGHT / 2 + 1e-6
        by_track.setdefault(middle, []).append((left, right, bottom, top))
    for quads in by_track.values():
        for i, (left, right, bottom, top) in enumerate(quads):
            for other in quads[:i]:
                apart = left >= other[1] or right <= other[0]
                assert apart or bottom >= other[3] - 1e-6 or top <= other[2] + 1e-6


def test_few_events_are_exact():
    table = EventTable([Event(3, 5, "sink", -1, -1, "w2", "transfer"), Event(5, 6, "sink", -1, -1, "", "stalled")])
    table = table.merged()
    (level,) = levels(table, [Track("sink")])
    assert level.cycles == 0
    columns = {name: column.tolist() for name, column in level.columns.items()}
    assert columns["left"] == [3, 5] and columns["right"] == [5, 6]
    assert [table.names["op"][op] for op in columns["op"]] == ["w2", ""]
    assert [table.names["state"][state] for state in columns["state"]] == ["transfer", "stalled"]
    assert columns["y"] == [0, 0] and columns["height"] == pytest.approx([HEIGHT] * 2)


def alternating(cycles):
    """A table whose lane 0 changes in every cycle."""
    start = np.arange(0, cycles, 2)
    table = EventTable()
    table.extend_columns(start, start + 1, "lane", 0, state="beat", op="a")
    table.extend_columns(start + 1, start + 2, "lane", 0, state="no_beat", op="b")
    table.extend_columns([0], [cycles], "lane", 1, state="beat", op="a")
    return table.merged()


def test_many_cycles_have_levels_that_get_coarser():
    table = alternating(128_000)
    tracks = [Track("lane", 0), Track("lane", 1)]
    exact, *binned = levels(table, tracks, limit=2000)
    assert len(exact) == 128_001 and len(binned) == LEVELS - 1
    assert [level.cycles for level in binned] == [16, 64, 256]
    assert [len(level) for level in binned] == [2 * 8000 + 1, 2 * 2000 + 1, 2 * 500 + 1]
    for level in binned:
        assert shown(table, level, tracks) == pytest.approx(
            {("lane 0", "beat"): 64_000, ("lane 0", "no_beat"): 64_000, ("lane 1", "beat"): 128_000}
        )
        assert set(level.columns["op"].tolist()) == {-1, table.names["op"].index("a")}


def test_long_runs_are_one_rectangle_even_when_binned():
    table = alternating(1000)
    table.extend_columns([1000], [100_000], "lane", 0, state="no_command")
    columns = binned_level(table, [Track("lane", 0)], 1000).columns
    chosen = columns["state"] == table.names["state"].index("no_command")
    assert list(zip(columns["left"][chosen], columns["right"][chosen], strict=True)) == [(1000, 100_000)]


def test_empty():
    (level,) = levels(EventTable(), [])
    assert len(level) == 0
