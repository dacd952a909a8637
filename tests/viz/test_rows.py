"""Rows are in a fixed order, and what never did anything has none."""

from myhdl_acc.trace.events import Event, EventTable, Track
from myhdl_acc.trace.occupancy import occupancy
from myhdl_acc.viz.rows import folded_rows, folded_text, shown_rows

TABLE = EventTable(
    [
        Event(0, 9, "sink_r", 1, -1, "", "idle"),
        Event(0, 9, "sink_r", 0, -1, "", "idle"),
        Event(0, 9, "other", -1, -1, "", "7"),
        Event(0, 5, "vector", -1, -1, "", "idle"),
        Event(0, 9, "lane", 10, -1, "", "beat"),
        Event(0, 9, "lane", 9, -1, "", "no_command"),
    ]
)


def test_order():
    labels = [track.label for track in shown_rows(occupancy(TABLE).counts)]
    assert labels == ["lane 9", "lane 10", "vector", "sink_r 0", "sink_r 1", "other"]


def test_only_quiet_constants_are_folded():
    folded = folded_rows(occupancy(TABLE))
    assert folded == {Track("lane", 9): "no_command", Track("sink_r", 0): "idle", Track("sink_r", 1): "idle"}
    assert folded_text(folded) == "Not drawn, the same in every cycle: lane 9 (no_command); sink_r 0–1 (idle)."
    assert folded_text({}) == ""
