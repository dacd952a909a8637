"""A run keeps what it executed, says which interval belongs to what, and refuses what does not belong together."""

import json

import numpy as np
import pytest
from recorded import recorded

from golden.errors import InputError
from myhdl_acc.trace.activity import links
from myhdl_acc.trace.events import EventTable
from myhdl_acc.trace.npz_file import write_npz
from myhdl_acc.trace.run import Run


def test_save_load(tmp_path):
    run = recorded()
    run.save(tmp_path / "run.npz")
    again = Run.load(tmp_path / "run.npz")
    assert list(again.table) == list(run.table) and again.about == run.about and again.title == "by hand"
    assert np.array_equal(again.steps, run.steps) and np.array_equal(again.needs, run.needs)


def test_beats_belong_to_commands_and_waits_to_what_ended_them():
    run = recorded()
    found = [(start, end, state, command, beat, by) for start, end, state, command, beat, by in run.lane(0).tolist()]
    assert found == [
        (0, 3, "no_command", 0, 0, -1),
        (3, 5, "no_beat", 0, 0, -1),
        (5, 7, "beat", 0, 0, -1),
        (7, 8, "beat", 1, 0, -1),  # its parameter
        (8, 12, "no_operand", 1, 1, 1),  # vector.embed ends while it waits
        (12, 17, "beat", 1, 1, -1),
        (17, 20, "no_command", -1, 0, -1),
    ]
    assert run.vector.tolist() == [(2, 10, 1), (11, 19, 4)]
    assert [part.tolist() for part in links(run.lane(0))] == [[12], [1]]
    assert run.labels[1:3] == ["embedding.rows · embed", "layers.0.ffn_down · slice"]


def test_a_slice_whose_vector_was_there_before_comes_from_the_load_unit():
    run = recorded()
    early = [e._replace(cycle_end=7) if e.state == "embed" else e for e in run.table]
    assert Run(EventTable(early), {}, run.steps, run.needs).lane(0)["ended_by"].tolist() == [-1, -1, -1, -1, 2, -1, -1]


@pytest.mark.parametrize(
    "change, message",
    [
        ({"beats": 5}, "the lanes' beats are not those of the engine's commands"),
        ({"op": "norm"}, "the vector unit's events are not its instructions"),
    ],
)
def test_events_of_other_steps(change, message):
    run = recorded()
    steps = run.steps.copy()
    (name, value), row = *change.items(), 3 if "beats" in change else 4
    steps[name][row] = value
    with pytest.raises(ValueError, match=message):
        Run(run.table, run.about, steps, run.needs)


def _with(name, row, value):
    def change(arrays):
        arrays[name[0]][name[1]][row] = value

    return change


@pytest.mark.parametrize(
    "change, message",
    [
        (lambda a: a.update(version=np.array(2)), "a run of version 2, this program reads version 1"),
        (lambda a: a.pop("version"), "a run of version None"),
        (lambda a: a.pop("steps"), "steps is not a table"),
        (lambda a: a.update(needs=np.zeros(3)), "needs is not a table"),
        (lambda a: a.update(about=np.array("{")), "Expecting property name"),
        (lambda a: a.update(about=np.array("[1]")), "does not say what ran"),
        (lambda a: a.update(about=np.array(7)), "does not say what ran"),
        (lambda a: a.update(about=np.array('{"config": 3}')), "does not say what ran"),
        (_with(("steps", "op"), 0, "w3"), "no instruction engine.w3"),
        (_with(("steps", "unit"), 2, "host"), "no instruction host.slice"),
        (lambda a: a.update(cycle_end=a["cycle_end"] + (1 << 40)), "lasts from cycle 0 to 1,099"),
        (lambda a: a.update(cycle_start=a["cycle_start"] - 7), "lasts from cycle -7"),
        (_with(("steps", "command"), 0, 9), "name steps or regions"),
        (_with(("needs", "vector"), 0, 99), "name steps or regions"),
        (_with(("steps", "beats"), 0, 9), "beats are not those"),
        (_with(("steps", "beats"), 0, 0), "a command reads nothing"),
        (_with(("steps", "name"), 0, "layers."), "name steps or regions"),
        (lambda a: a["cycle_end"].__setitem__(0, 5), "lane 0: events overlap"),
        (lambda a: a["state_names"].__setitem__(0, "beat"), "stands twice"),
    ],
)
def test_load_refuses(tmp_path, change, message):
    recorded().save(tmp_path / "good.npz")
    with np.load(tmp_path / "good.npz") as data:
        arrays = dict(data)
    change(arrays)
    write_npz(tmp_path / "bad.npz", **arrays)
    with pytest.raises(InputError, match=f"bad.npz: .*{message}"):
        Run.load(tmp_path / "bad.npz")


def test_about_is_json(tmp_path):
    recorded().save(tmp_path / "run.npz")
    with np.load(tmp_path / "run.npz") as data:
        assert json.loads(str(data["about"]))["config"] == {"prefetch": 8}
