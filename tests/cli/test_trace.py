"""trace writes every format from saved events or from a run of the RTL, and refuses what it cannot read or write."""

import json

import numpy as np
import pytest
from recorded import recorded

from myhdl_acc.trace.events import Event, EventTable
from myhdl_acc.trace.npz_file import write_npz
from myhdl_acc.trace.run import Run

TABLE = EventTable(
    [Event(0, 6, "lane", 0, -1, "w2", "beat"), Event(6, 8, "lane", 0, -1, "", "no_command")],
)


@pytest.fixture
def saved(tmp_path):
    write_npz(tmp_path / "run.npz", **TABLE.columns())  # as earlier versions did
    return "run.npz"


def test_saved_events_in_every_format(run_cli, tmp_path, saved):
    names = ["out.json", "out.vcd", "out.html", "out.svg", "out.csv", "out.npz"]
    process = run_cli("trace", saved, *(part for name in names for part in ("-o", name)), "--json")
    assert process.returncode == 0, process.stderr
    report = json.loads(process.stdout)
    assert report == {
        "events": 2,
        "outputs": names,
        "cycles": 8,
        "tracks": {"lane 0": {"beat": 6, "no_command": 2}},
    }
    slices = [event for event in json.loads((tmp_path / "out.json").read_text())["traceEvents"] if event["ph"] == "X"]
    assert [(event["ts"], event["dur"], event["name"]) for event in slices] == [(0, 6, "beat"), (6, 2, "no_command")]
    assert "$var string" in (tmp_path / "out.vcd").read_text()
    assert (tmp_path / "out.html").read_text().lstrip().startswith("<!DOCTYPE html>")
    assert (tmp_path / "out.svg").read_text().startswith("<svg ")
    assert list(Run.load(tmp_path / "out.npz").table) == list(TABLE)


def test_the_table_is_printed(run_cli, saved):
    lines = run_cli("trace", saved, "-o", "out.json").stdout.splitlines()
    assert lines[0] == "2 events, 8 cycles: out.json"
    assert lines[2].split() == ["lane", "0", "75.0", "25.0"]


def test_what_matrices_took(run_cli, tmp_path):
    recorded().save(tmp_path / "token.npz")
    lines = run_cli("trace", "token.npz", "-o", "out.html").stdout.splitlines()
    assert "ffn_down · w2, 6 beats, 10 cycles, of which 4 no operand" in lines
    report = json.loads(run_cli("trace", "token.npz", "-o", "out.csv", "--json").stdout)
    assert {"name": "ffn_down", "reads": "w2", "beats": 6, "cycles": 10.0, "lost": {"no operand": 4.0}} in report[
        "matrices"
    ]


def test_unknown_suffix(refused, saved):
    assert "out.txt: the name must end in .json, .kanata, .log, .vcd, .html, .svg, .csv or .npz" in refused(
        "trace", saved, "-o", "out.txt"
    )


def test_no_events(refused, tmp_path):
    np.savez(tmp_path / "x.npz", a=np.ones(3))
    assert "x.npz: neither an operation for run-op nor events" in refused("trace", "x.npz", "-o", "out.json")


def test_damaged_events(refused, tmp_path, saved):
    with np.load(tmp_path / saved) as data:
        columns = dict(data) | {"state": np.array([0, 7])}
    np.savez(tmp_path / "bad.npz", **columns)
    assert "bad.npz: column state must number one of its 2 names" in refused("trace", "bad.npz", "-o", "out.json")


def test_unwritable(refused, saved):
    assert "cannot write missing/out.vcd" in refused("trace", saved, "-o", "missing/out.vcd")


def test_a_run_of_another_version(refused, tmp_path):
    Run(TABLE).save(tmp_path / "run.npz")
    with np.load(tmp_path / "run.npz") as data:
        np.savez(tmp_path / "new.npz", **dict(data) | {"version": 99})
    assert "new.npz: a run of version 99, this program reads version 1" in refused("trace", "new.npz", "-o", "out.json")


def test_instructions_of_a_run_that_has_none(refused, saved):
    assert "out.kanata: only a token's run has instructions" in refused("trace", saved, "-o", "out.kanata")


def test_events_that_overlap(refused, tmp_path):
    Run(EventTable([*TABLE, Event(5, 7, "lane", 0, -1, "", "beat")])).save(tmp_path / "run.npz")
    assert "run.npz: lane 0: events overlap" in refused("trace", "run.npz", "-o", "out.json")
    assert not (tmp_path / "out.json").exists()
