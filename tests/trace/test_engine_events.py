"""The lanes' state probes become named states of lanes."""

from myhdl_acc.trace.engine_events import engine_table
from myhdl_acc.trace.events import Event


def test_lanes_are_named_and_other_probes_left_out():
    table = engine_table(
        [
            Event(0, 4, "sink_beat", 1, -1, "w2", "starved"),
            Event(0, 3, "state", 1, -1, "", "value:0"),
            Event(3, 4, "state", 12, -1, "w2", "value:1"),
            Event(0, 4, "error", -1, -1, "", "value:0"),
        ]
    )
    assert list(table) == [
        Event(0, 4, "sink_beat", 1, -1, "w2", "starved"),
        Event(0, 3, "lane", 1, -1, "", "no_command"),
        Event(3, 4, "lane", 12, -1, "w2", "beat"),
    ]
