"""The notebook's logic: it runs the RTL, and back-pressure shows where it must."""

import pytest

from golden.errors import InputError
from golden.operation import KINDS
from myhdl_acc.trace.events import Track
from myhdl_acc.trace.occupancy import occupancy
from myhdl_acc.viz.engine_runs import Choice, EngineRuns


@pytest.fixture(scope="module")
def engine():
    with EngineRuns() as runs:
        yield runs


@pytest.mark.parametrize("mode", KINDS)
def test_every_mode_runs_and_is_accounted_for(engine, mode):
    run = engine(Choice(mode=mode, outputs=40, terms=70, rows=3))
    counted = occupancy(run.table)
    assert run.summary["cycles"] == counted.cycles > 0
    assert run.summary["compared with golden"] == "120 integers, all equal"
    assert {Track("lane", 0), Track("lane", 1), Track("sink_beat", 0), Track("source_result")} <= set(counted.counts)
    for track, counts in counted.counts.items():
        assert sum(counts.values()) == counted.cycles, track
        assert "unrecorded" not in counts


def lanes(run):
    """{state: cycles} of all lanes."""
    return occupancy(run.table).by_unit()["lane"]


def test_a_slow_memory_starves_the_lanes(engine):
    free = engine(Choice(outputs=64, terms=256))
    slow = engine(Choice(outputs=64, terms=256, slow={"memory": 3}))
    assert slow.summary["cycles"] > 3 * free.summary["cycles"]
    assert lanes(slow)["beat"] == lanes(free)["beat"] and lanes(slow)["no_beat"] > 2 * lanes(free)["beat"]


def test_slow_results_hold_the_lanes_up(engine):
    choice = Choice(outputs=32, terms=64, repeat=6, slow={"results": 9})
    held = lanes(engine(choice)).get("no_bank", 0)
    choice.slow = {}
    assert held > lanes(engine(choice)).get("no_bank", 0)


def test_the_same_choice_gives_the_same_events(engine):
    choice = Choice(mode="w4", outputs=20, terms=100, slow={"memory": 0.7, "operands": 2}, random=True, seed=5)
    assert list(engine(choice).table) == list(engine(choice).table)


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
def test_what_cannot_be_run(engine, choice, message):
    with pytest.raises(InputError, match=message):
        engine(choice)
