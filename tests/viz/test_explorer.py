"""The notebook's logic: it runs the RTL, and back-pressure shows where it must."""

import pytest

from golden.errors import InputError
from golden.operation import KINDS
from myhdl_acc.trace.events import Track
from myhdl_acc.viz.explorer import Choice, PipelineExplorer


@pytest.fixture(scope="module")
def explorer():
    with PipelineExplorer("verilator") as explorer:
        yield explorer


@pytest.mark.parametrize("mode", KINDS)
def test_every_mode_runs_and_is_accounted_for(explorer, mode):
    summary = explorer.run(Choice(mode=mode, outputs=40, terms=70, rows=3))
    assert summary["cycles"] == explorer.occupancy.cycles > 0
    tracks = set(explorer.occupancy.counts)
    assert {Track("lane", 0), Track("lane", 1), Track("sink_beat", 0), Track("source_result")} <= tracks
    for track, counts in explorer.occupancy.counts.items():
        assert sum(counts.values()) == summary["cycles"], track
        assert "unrecorded" not in counts
    assert len(explorer.gantt.renderers[0].data_source.data["left"]) and explorer.bars.source.data["track"]


def test_a_slow_memory_starves_the_lanes(explorer):
    free = explorer.run(Choice(outputs=64, terms=256))["cycles"]
    lanes = explorer.occupancy.by_unit()["lane"]
    beats = lanes["beat"]
    slow = explorer.run(Choice(outputs=64, terms=256, slow={"memory": 3}))["cycles"]
    lanes = explorer.occupancy.by_unit()["lane"]
    assert slow > 3 * free and lanes["beat"] == beats and lanes["no_beat"] > 2 * beats


def test_slow_results_hold_the_lanes_up(explorer):
    choice = Choice(outputs=32, terms=64, repeat=6, slow={"results": 9})
    explorer.run(choice)
    held = explorer.occupancy.by_unit()["lane"].get("no_bank", 0)
    choice.slow = {}
    explorer.run(choice)
    assert held > explorer.occupancy.by_unit()["lane"].get("no_bank", 0)


def test_the_same_choice_gives_the_same_events(explorer):
    choice = Choice(mode="w4", outputs=20, terms=100, slow={"memory": 0.7, "operands": 2}, random=True, seed=5)
    explorer.run(choice)
    before = list(explorer.table)
    explorer.run(choice)
    assert list(explorer.table) == before


@pytest.mark.parametrize(
    "choice, message",
    [
        (Choice(preset="huge"), "no preset 'huge'"),
        (Choice(mode="w3"), "no operation 'w3'"),
        (Choice(outputs=0), "outputs is 0"),
        (Choice(slow={"memory": -1}), "must be 0 to 1000"),
        (Choice(slow={"network": 1}), "no back-pressure 'network'"),
    ],
)
def test_what_cannot_be_run(explorer, choice, message):
    with pytest.raises(InputError, match=message):
        explorer.run(choice)
