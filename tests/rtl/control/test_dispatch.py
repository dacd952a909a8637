"""Dispatch alone: each word to its unit in its own cycle, and how a run ends; whole programs are in test_controller."""

import numpy as np
import pytest
from control_benches import dispatch_design, dispatch_step
from issue_checks import words_of_integers

from myhdl_acc.report.synthesis import depths
from myhdl_acc.rtl.control.dispatch import PATIENCE, SETTLE
from myhdl_acc.rtl.control.isa import OPS, UNITS
from myhdl_acc.rtl.control.register_map import STATUS
from myhdl_acc.simulate import BACKENDS, open_simulation
from myhdl_acc.simulate.backpressure import gap_array

WATCHDOG = 100
CYCLES = 1500  #: enough for some words with much back-pressure


def program(rng, length):
    """Words of random units, and by queue the places of theirs: an engine's go to two."""
    units = rng.choice(UNITS[1:], length)
    words = [UNITS.index(unit) | int(rng.integers(len(OPS[unit]))) << 3 | n << 32 for n, unit in enumerate(units)]
    owners = {"read": "engine", **{unit: unit for unit in UNITS[1:]}}
    return words, {queue: np.flatnonzero(units == owner) for queue, owner in owners.items()}


def run_words(backend, kind, length=60):
    words, places = program(np.random.default_rng(4), length)
    inputs = {"sink": words_of_integers(words), "sink_step": steps(CYCLES, start=(0, 1), fetching=(0, 1))}
    expect = {f"units_source_{queue}": len(own) for queue, own in places.items()}
    gaps = {name: gap_array(kind, count, seed) for seed, (name, count) in enumerate(expect.items())}
    with open_simulation(dispatch_design(), backend) as simulation:
        result = simulation.run(inputs, {**expect, "source_step": CYCLES}, gaps=gaps, record=True)
    sink = result.transfers["sink"]
    for queue, own in places.items():
        out = result.outputs[f"units_source_{queue}"]["word"]
        assert (out == words_of_integers([words[place] for place in own])["word"]).all()
        assert (result.transfers[f"units_source_{queue}"] == sink[own]).all()  # latency 0
    return result


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_word_per_cycle_to_its_unit(backend):
    assert (np.diff(run_words(backend, "never").transfers["sink"]) == 1).all()


@pytest.mark.parametrize("kind", ["random", "bursty"])
def test_full_queues_hold_up_what_follows(kind):
    run_words("myhdl", kind)


def steps(length, **spans):
    """Words for each of ``length`` cycles; ``spans``: (first cycle, value) of inputs, which then stay, or several."""
    columns = {name: np.zeros(length, np.int64) for name in dispatch_step().members()}
    for name, span in spans.items():
        for first, value in span if isinstance(span, list) else [span]:
            columns[name][first:] = value
    return columns


def answers(backend, length, **spans):
    """What dispatch says in each cycle of one run: {output: list}; it is reset before."""
    with open_simulation(dispatch_design(), backend) as simulation:
        inputs = {"sink_step": steps(length, **spans), "watchdog": WATCHDOG}
        run = simulation.run(inputs, {"source_step": length})
    return {name: values.tolist() for name, values in run.outputs["source_step"].items()}


def high(values):
    """(first cycle, cycle after the last one) in which a level is high; it must be so once."""
    places = np.flatnonzero(values)
    assert len(places) and (np.diff(places) == 1).all()
    return places[0], places[-1] + 1


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_run_from_its_launch_to_its_end(backend):
    """It ends once the units were idle for long enough, the host was told, and no more words come."""
    said = answers(
        backend, 100, start=[(3, 1), (62, 0)], fetching=[(4, 1), (60, 0)], ended=(10, 1),
        busy=[(5, 31), (20, 8), (30, 0)], told=[(50, 1), (55, 0)],
    )  # fmt: skip
    assert high(said["launch"]) == (3, 4)
    assert np.flatnonzero(said["settled"])[0] == 30 + SETTLE
    assert high(said["tell"]) == (30 + SETTLE + 1, 51)
    assert high(said["stop"]) == (51, 61)
    assert high(said["done"]) == (61, 62)
    assert set(said["code"]) == {STATUS["ok"]}


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize(
    ("cause", "code", "unit"),
    [
        ("illegal", "illegal", 6), ("overrun", "no_end", 0), ("read_error", "read_error", 0),
        ("write_error", "write_error", 0), ("engine_error", "engine_error", 0),
    ],
)  # fmt: skip
def test_a_failure_ends_a_run_at_once(backend, cause, code, unit):
    """Nobody is waited for but the host; the next start ends as soon as it is told, with the same code."""
    said = answers(
        backend, 42, start=[(1, 1), (19, 0), (30, 1)], fetching=(2, 1), unit=(0, 6), busy=(2, 5),
        told=[(17, 1), (19, 0), (40, 1)], **{cause: [(10, 1), (12, 0)]},
    )  # fmt: skip
    assert np.flatnonzero(said["tell"]).tolist() == [*range(11, 18), *range(31, 41)]
    assert np.flatnonzero(said["done"]).tolist() == [18, 41]
    assert not any(said["stop"]) and np.flatnonzero(said["launch"]).tolist() == [1]
    assert said["code"] == [STATUS["ok"]] * 11 + [STATUS[code]] * 31
    assert (said["unit"][-1], said["stuck"][-1]) == (unit, 5)


@pytest.mark.parametrize("backend", ["myhdl", "verilator"])
def test_the_watchdog_and_a_host_that_cannot_be_told(backend):
    length = WATCHDOG + PATIENCE + 200
    said = answers(backend, length, start=[(1, 1), (2, 0)], fetching=(2, 1), busy=(2, 5), activity=[(0, 1), (50, 0)])
    first, behind = high(said["tell"])
    assert first == 50 + WATCHDOG + 1
    assert behind == first + PATIENCE + 1
    assert np.flatnonzero(said["done"])[0] == behind and said["code"][-1] == STATUS["timeout"]


def test_levels():
    assert max(depths(dispatch_design()).values()) <= 9
