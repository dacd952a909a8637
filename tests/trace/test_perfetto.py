"""The Perfetto export holds every event, under the right process and thread."""

import json

from recorded import recorded

from myhdl_acc.trace import perfetto
from myhdl_acc.trace.events import Event, EventTable
from myhdl_acc.trace.perfetto import write_perfetto
from myhdl_acc.trace.run import Run

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
    write_perfetto(tmp_path / "trace.json", Run(EventTable(EVENTS)))
    assert sorted(read_back(tmp_path / "trace.json")) == sorted(
        [
            ("lane", "lane 0", 0, 3, "w2", "beat"),
            ("lane", "lane 0", 3, 4, "w2", "no_beat"),
            ("lane", "lane 1", 0, 4, "", "no_command"),
            ('odd "name"\n', 'odd "name"\n .5', 1, 2, "", "idle"),
        ]
    )


def test_each_track_is_one_thread(tmp_path):
    write_perfetto(tmp_path / "trace.json", Run(EventTable(EVENTS)))
    slices = [e for e in json.loads((tmp_path / "trace.json").read_text())["traceEvents"] if e["ph"] == "X"]
    assert len({(e["pid"], e["tid"]) for e in slices}) == 3
    assert len({e["pid"] for e in slices}) == 2


def test_empty(tmp_path):
    write_perfetto(tmp_path / "trace.json", Run(EventTable()))
    assert json.loads((tmp_path / "trace.json").read_text())["traceEvents"] == []


def events_of(path):
    return json.loads(path.read_text())["traceEvents"]


def test_layers_hold_matrices_hold_commands(tmp_path):
    write_perfetto(tmp_path / "trace.json", recorded())
    nested = [e for e in events_of(tmp_path / "trace.json") if e["ph"] == "X" and e["pid"] == 1]
    assert [(e["name"], e["ts"], e["ts"] + e["dur"]) for e in nested[:6]] == [
        ("embed", 0, 7), ("embedding.rows", 0, 7), ("command 0", 0, 7),
        ("layer 0", 7, 17), ("ffn_down", 7, 17), ("command 1", 7, 17),
    ]  # fmt: skip
    assert nested[3]["args"] == {"reads": "w2", "beats": 6, "no operand": 4}
    (wait,) = (e for e in nested if e["name"] == "no_operand")
    assert (wait["ts"], wait["dur"], wait["args"]) == (8, 4, {"ended_by": "embedding.rows · embed"})


def test_flows_lead_from_a_slice_to_a_slice(tmp_path):
    """The viewer binds an end of a flow to what encloses it."""
    write_perfetto(tmp_path / "trace.json", recorded())
    found = events_of(tmp_path / "trace.json")
    begin, end = ([e for e in found if e["ph"] == phase] for phase in "sf")
    assert [e["id"] for e in begin] == [e["id"] for e in end] == [0]
    for flow in (*begin, *end):
        assert any(
            e["ph"] == "X"
            and (e["pid"], e["tid"]) == (flow["pid"], flow["tid"])
            and e["ts"] <= flow["ts"] < e["ts"] + e["dur"]
            for e in found
        )
    assert (begin[0]["ts"], end[0]["ts"]) == (9, 12)


def test_counters(tmp_path):
    write_perfetto(tmp_path / "trace.json", recorded(wait=80))
    found = [(e["name"], e["ts"], e["args"]) for e in events_of(tmp_path / "trace.json") if e["ph"] == "C"]
    name = "beats in a prefetch queue"
    assert found == [
        (name, 0, {"least": 0, "mean": 0.0, "most": 0}),
        (name, 64, {"least": 5, "mean": 5.0, "most": 5}),
        ("beats per 64 cycles of a lane", 0, {"beats": 8.0}),
        ("beats per 64 cycles of a lane", 64, {"beats": 0.0}),
    ]


def test_too_many_events_are_left_out_and_named(tmp_path, monkeypatch):
    monkeypatch.setattr(perfetto, "_MOST", 9)
    write_perfetto(tmp_path / "trace.json", recorded())
    trace = json.loads((tmp_path / "trace.json").read_text())
    assert trace["otherData"]["left_out"] == "vector: too many events"
