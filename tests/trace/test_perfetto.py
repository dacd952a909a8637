"""The Perfetto export holds every event, under the right process and thread."""

import json

from myhdl_acc.trace.events import Event, EventTable
from myhdl_acc.trace.perfetto import write_perfetto

EVENTS = [
    Event(0, 3, "lane", 0, -1, "w2", "beat"),
    Event(3, 4, "lane", 0, -1, "w2", "no_beat"),
    Event(0, 4, "lane", 1, -1, "", "no_command"),
    Event(1, 2, 'odd "name"\n', -1, 5, "", "idle"),
]


def read_back(path):
    trace = json.loads(path.read_text())
    units, threads, found = {}, {}, []
    for event in trace["traceEvents"]:
        if event["ph"] == "M":
            kind = {"process_name": units, "thread_name": threads}.get(event["name"])
            if kind is not None:
                kind[event["pid"] if kind is units else (event["pid"], event["tid"])] = event["args"]["name"]
        else:
            assert event["ph"] == "X"
            label = threads[event["pid"], event["tid"]]
            op = event.get("args", {}).get("op", "")
            found.append((units[event["pid"]], label, event["ts"], event["ts"] + event["dur"], op, event["name"]))
    return found


def test_reads_back(tmp_path):
    write_perfetto(tmp_path / "trace.json", EventTable(EVENTS))
    assert sorted(read_back(tmp_path / "trace.json")) == sorted(
        [
            ("lane", "lane 0", 0, 3, "w2", "beat"),
            ("lane", "lane 0", 3, 4, "w2", "no_beat"),
            ("lane", "lane 1", 0, 4, "", "no_command"),
            ('odd "name"\n', 'odd "name"\n .5', 1, 2, "", "idle"),
        ]
    )


def test_each_track_is_one_thread(tmp_path):
    write_perfetto(tmp_path / "trace.json", EventTable(EVENTS))
    slices = [e for e in json.loads((tmp_path / "trace.json").read_text())["traceEvents"] if e["ph"] == "X"]
    assert len({(e["pid"], e["tid"]) for e in slices}) == 3
    assert len({e["pid"] for e in slices}) == 2


def test_empty(tmp_path):
    write_perfetto(tmp_path / "trace.json", EventTable())
    assert json.loads((tmp_path / "trace.json").read_text())["traceEvents"] == []
