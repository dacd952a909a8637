"""The notebook's charts follow the table or occupancy that they are shown."""

import numpy as np

from myhdl_acc.trace.events import Event, EventTable, Track
from myhdl_acc.trace.occupancy import Occupancy, occupancy
from myhdl_acc.viz.cycle_bars import CycleBars
from myhdl_acc.viz.gantt import Gantt

FIRST = EventTable([Event(10, 20, "lane", 0, -1, "w2", "beat"), Event(10, 30, "lane", 1, -1, "w2", "no_beat")])
SECOND = EventTable([Event(0, 5, "sink_load", -1, -1, "", "stalled")])


def test_gantt_shows_one_table_after_another():
    gantt = Gantt(FIRST)
    source = gantt.renderers[0].data_source
    assert source.data["right"].tolist() == [20, 30] and source.data["y"].tolist() == [0, -1]
    assert gantt.states == ["beat", "no_beat", "unrecorded"]
    assert gantt.figure.yaxis[0].major_label_overrides == {0: "lane 0", -1: "lane 1"}
    assert (gantt.figure.x_range.start, gantt.figure.x_range.end) == (10, 30)
    assert gantt.figure.x_range.bounds == (10, 30)
    gantt.show(SECOND)
    assert gantt.renderers[0].data_source is source and source.data["right"].tolist() == [5]
    assert gantt.figure.yaxis[0].major_label_overrides == {0: "sink_load"}
    assert (gantt.figure.x_range.start, gantt.figure.x_range.end) == (0, 8)  # no fewer than can be in sight
    assert (gantt.figure.y_range.start, gantt.figure.y_range.end) == (-0.5, 0.5)


def test_the_coarsest_level_is_seen_first_and_the_axis_says_so():
    start = np.arange(0, 1000, 2)
    table = EventTable()
    table.extend_columns(start, start + 1, "lane", 0, state="beat")
    table.extend_columns(start + 1, start + 2, "lane", 0, state="no_beat")
    gantt = Gantt(table, limit=250)
    assert [renderer.visible for renderer in gantt.renderers] == [False, True, False, False]
    assert "columns of 8 cycles" in gantt.figure.xaxis[0].axis_label
    gantt.show(FIRST)
    assert [renderer.visible for renderer in gantt.renderers] == [True, False, False, False]
    assert "every event as it was" in gantt.figure.xaxis[0].axis_label


def test_bars_show_one_occupancy_after_another():
    bars = CycleBars(occupancy(FIRST))
    assert bars.source.data["track"] == ["lane 0", "lane 0", "lane 1"]
    assert bars.source.data["state"] == ["beat", "unrecorded", "no_beat"]
    assert bars.source.data["left"] == [0, 50, 0] and bars.source.data["right"] == [50, 100, 100]
    bars.show(Occupancy(4, {Track("sink"): {"stalled": 1, "transfer": 3}}))
    assert bars.source.data["state"] == ["transfer", "stalled"] and bars.source.data["right"] == [75, 100]
    assert bars.source.data["y"] == [0, 0]


def test_nothing_to_show():
    assert len(Gantt(EventTable()).renderers[0].data_source.data["left"]) == 0
    assert CycleBars(occupancy(EventTable())).source.data["left"] == []
