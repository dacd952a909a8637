"""The event table keeps what it is given, in memory and on disk."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from golden.errors import InputError
from myhdl_acc.trace.events import LANE_STATES, STREAM_STATES, Event, EventTable, Track
from myhdl_acc.trace.npz_file import write_npz
from myhdl_acc.trace.run import Run

names = st.sampled_from(["lane", "sink_load", "source_result", "", "é"])
events = st.builds(
    lambda start, length, *rest: Event(start, start + length, *rest),
    st.integers(0, 1 << 40),
    st.integers(1, 1000),
    names,
    st.integers(-1, 63),
    st.integers(-1, 15),
    st.sampled_from(["", "w2", "qk 17"]),
    st.sampled_from(STREAM_STATES + LANE_STATES),
)


@settings(deadline=None, max_examples=40)
@given(st.lists(events, max_size=60))
def test_holds_what_it_is_given(given_events):
    table = EventTable(given_events)
    assert list(table) == given_events
    assert [table[i] for i in range(len(table))] == given_events
    assert sum(sum(states.values()) for states in table.totals().values()) == sum(
        event.cycle_end - event.cycle_start for event in given_events
    )


@settings(deadline=None, max_examples=20)
@given(st.lists(events, max_size=60))
def test_save_load(tmp_path_factory, given_events):
    path = tmp_path_factory.mktemp("events") / "events.npz"
    Run(EventTable(given_events)).save(path)
    assert list(Run.load(path).table) == given_events


@settings(deadline=None, max_examples=40)
@given(st.lists(events, max_size=60), st.sampled_from(STREAM_STATES), st.lists(st.integers(-1, 63)))
def test_filter(given_events, state, lanes):
    table = EventTable(given_events)
    assert list(table.filter(state=state)) == [event for event in given_events if event.state == state]
    chosen = table.filter(lane=lanes, unit=["lane", "absent"])
    assert list(chosen) == [event for event in given_events if event.lane in lanes and event.unit == "lane"]


def test_append_grows_past_its_reserve():
    table = EventTable()
    for cycle in range(1000):
        table.append(Event(cycle, cycle + 1, "lane", cycle % 4, -1, "w2", "beat"))
    assert len(table) == 1000 and table[999] == Event(999, 1000, "lane", 3, -1, "w2", "beat")
    assert table[-1] == table[999]
    assert table.span == (0, 1000)


def test_columns_broadcast():
    table = EventTable()
    table.extend_columns(
        np.arange(3), np.arange(1, 4), "lane", lane=np.array([0, 1, 2]), state=["beat", "no_beat", "beat"]
    )
    assert list(table) == [
        Event(0, 1, "lane", 0, -1, "", "beat"),
        Event(1, 2, "lane", 1, -1, "", "no_beat"),
        Event(2, 3, "lane", 2, -1, "", "beat"),
    ]


def test_an_event_that_does_not_last_is_refused():
    with pytest.raises(ValueError, match="at least one cycle"):
        EventTable([Event(5, 5, "lane", 0, -1, "", "beat")])


@settings(deadline=None, max_examples=30)
@given(st.lists(events, max_size=20), st.lists(events, max_size=20), st.integers(0, 1000))
def test_extend_table(first, second, shift):
    table = EventTable(first)
    table.extend_table(EventTable(second), shift)
    moved = [event._replace(cycle_start=event[0] + shift, cycle_end=event[1] + shift) for event in second]
    assert list(table) == first + moved
    table.extend_table(EventTable(second), op="pv 9")
    assert list(table) == first + moved + [event._replace(op="pv 9") for event in second]


def test_window_cuts():
    table = EventTable([Event(0, 10, "a", -1, -1, "", "idle"), Event(10, 20, "a", -1, -1, "", "transfer")])
    assert [tuple(event)[:2] for event in table.window(5, 12)] == [(5, 10), (10, 12)]
    assert len(table.window(20, 30)) == 0
    assert len(table) == 2 and table[0].cycle_end == 10


def test_merged_is_shortest_and_sorted():
    table = EventTable(
        [
            Event(4, 6, "b", 0, -1, "", "beat"),
            Event(0, 2, "a", -1, -1, "", "idle"),
            Event(2, 4, "b", 0, -1, "", "beat"),
            Event(2, 3, "a", -1, -1, "x", "idle"),
            Event(7, 8, "b", 0, -1, "", "beat"),
        ]
    )
    assert list(table.merged()) == [
        Event(2, 6, "b", 0, -1, "", "beat"),
        Event(7, 8, "b", 0, -1, "", "beat"),
        Event(0, 2, "a", -1, -1, "", "idle"),
        Event(2, 3, "a", -1, -1, "x", "idle"),
    ]
    assert list(EventTable().merged()) == []


def test_renamed_joins_names():
    table = EventTable([Event(0, 1, "lane", 0, -1, "", "value:0"), Event(1, 2, "lane", 0, -1, "", "value:1")])
    states = [event.state for event in table.renamed({"value:0": "beat", "value:1": "beat"})]
    assert states == ["beat", "beat"]
    assert table[0].state == "value:0"


def test_tracks_in_order_of_appearance():
    table = EventTable(
        [Event(3, 4, "z", 1, -1, "", "beat"), Event(0, 1, "a", 0, 2, "", "beat"), Event(0, 3, "z", 1, -1, "", "beat")]
    )
    assert {track: rows.tolist() for track, rows in table.track_rows().items()} == {
        Track("z", 1): [2, 0],
        Track("a", 0, 2): [1],
    }
    assert [track.label for track in table.track_rows()] == ["z 1", "a 0.2"]
    assert Track("sink_load").label == "sink_load"


def test_columns_are_read_only():
    table = EventTable([Event(0, 1, "a", -1, -1, "", "idle")])
    with pytest.raises(ValueError, match="read-only"):
        table.cycle_start[0] = 7
    table.append(Event(1, 2, "a", -1, -1, "", "idle"))


def test_a_million_rows(tmp_path):
    count = 1_000_000
    start = np.arange(count) * 2
    table = EventTable()
    table.extend_columns(start, start + 2, "lane", lane=np.arange(count) % 32, state="beat")
    Run(table).save(tmp_path / "big.npz")
    assert Run.load(tmp_path / "big.npz").table.totals() == {"lane": {"beat": 2 * count}}


@pytest.mark.parametrize(
    "change, message",
    [
        ({"state": np.array([9], np.int32)}, "state must number one of its 1 names"),
        ({"state": np.array([-1], np.int32)}, "state must number"),
        ({"cycle_end": np.array([0])}, "at least one cycle"),
        ({"lane": np.array([0.5])}, "column lane must be one integer per event"),
        ({"lane": np.array([1, 2])}, "column lane must be one integer per event"),
        ({"unit_names": np.array([3])}, "unit_names must be a list of strings"),
        ({"extra": np.array([3])}, "not an event table"),
        ({"cycle_start": np.array([None])}, "plain arrays"),
    ],
)
def test_load_refuses(tmp_path, change, message):
    table = EventTable([Event(0, 1, "a", -1, -1, "", "idle")])
    Run(table).save(tmp_path / "good.npz")
    with np.load(tmp_path / "good.npz") as data:
        columns = dict(data)
    write_npz(tmp_path / "bad.npz", **columns | change)
    with pytest.raises(InputError, match=message):
        Run.load(tmp_path / "bad.npz")


def test_load_refuses_every_truncation(tmp_path):
    Run(EventTable([Event(0, 1, "a", -1, -1, "", "idle")])).save(tmp_path / "good.npz")
    content = (tmp_path / "good.npz").read_bytes()
    for size in range(0, len(content), 23):
        (tmp_path / "cut.npz").write_bytes(content[:size])
        with pytest.raises(InputError):
            Run.load(tmp_path / "cut.npz")
    with pytest.raises(InputError, match="No such file"):
        Run.load(tmp_path / "absent.npz")
