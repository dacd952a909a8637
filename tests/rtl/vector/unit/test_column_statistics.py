"""Statistics of passes with random gaps, commit by commit, against numpy."""

import numpy as np
import pytest
import unit_ports
from cycle_bench import SIMULATORS, Cycles
from unit_bench import edge_values

from myhdl_acc.rtl.config import AcceleratorConfig
from myhdl_acc.rtl.vector.unit.column_statistics import LATENCY
from myhdl_acc.rtl.vector.unit.flags import LEVEL, MAGNITUDE, NUMERATOR, RANGE, SQUARE, VALUE
from myhdl_acc.rtl.vector.unit.records import HIGH, SECOND, SUM, TOTAL

TINY = AcceleratorConfig.preset("tiny")
COUNT = 300
NOTHING = -(1 << 33)  # below all that counts


def stimulus(rng):
    fresh = rng.random(COUNT) < 0.1
    commit = rng.random(COUNT) < 0.7
    fresh[0] = commit[0] = True
    return {
        "take_commit": commit,
        "take_fresh": fresh,
        "take_alive": rng.random(COUNT) < 0.8,
        "value": edge_values(32, rng, COUNT),
        "addends_square": rng.integers(0, 1 << 34, COUNT),
        "addends_numerator": rng.integers(0, 1 << 16, COUNT),
        "addends_weight": rng.integers(0, 128, COUNT),
        "step": rng.integers(-255 << 16, 1 << 17, COUNT),
        "addends_level": rng.integers(-127, 128, COUNT),
        "addends_zero": rng.integers(-128, 113, COUNT),
        "total_sum": rng.integers(-(1 << 20), 1 << 20, COUNT),
    }


def in_turn(inputs):
    """The addends of an element first, its value in the next cycle, then whether it is taken."""
    late = {name: 1 if name == "value" else 2 for name in inputs if name == "value" or name.startswith("take_")}
    return {
        name: np.concatenate([column[:1].repeat(late.get(name, 0)), column])[:COUNT] for name, column in inputs.items()
    }


def passes(inputs):
    """(cycle, the elements of the pass so far) of every commit."""
    elements = []
    for cycle in np.flatnonzero(inputs["take_commit"]):
        if inputs["take_fresh"][cycle]:
            elements = []
        elements.append(cycle)
        yield cycle, np.array(elements)


def check(backend, inputs, reduce, wanted, **track):
    bench = Cycles("column_statistics", unit_ports.column_statistics, TINY, backend)
    tracks = {f"track_{name}": value for name, value in track.items()}
    found = bench.run(COUNT, LATENCY, reduce=reduce, **tracks, **in_turn(inputs))["reduction"]
    for cycle, elements in passes(inputs):
        if cycle + LATENCY < COUNT:
            assert found[cycle + LATENCY] == wanted(elements), (cycle, elements)


@pytest.mark.parametrize("kind", [MAGNITUDE, VALUE, RANGE])
@pytest.mark.parametrize("backend", SIMULATORS)
def test_largest(backend, kind):
    inputs = stimulus(np.random.default_rng(kind))
    value, alive = inputs["value"], inputs["take_alive"]
    if kind == RANGE:
        alive[:] = True  # as in all instructions that have one
    candidate = np.abs(value) if kind == MAGNITUDE else value

    def wanted(elements):
        counted = candidate[elements][alive[elements]]
        largest = max(counted, default=None)
        if largest is None:
            return NOTHING
        return max(largest, 0) if kind == RANGE else largest

    check(backend, inputs, HIGH, wanted, track_high=1, high_of=kind)


@pytest.mark.parametrize("backend", SIMULATORS)
def test_largest_bound(backend):
    inputs = stimulus(np.random.default_rng(7))
    bound, alive = inputs["value"] + inputs["step"], inputs["take_alive"]
    check(backend, inputs, SECOND, lambda e: max(bound[e][alive[e]], default=NOTHING), track_high=1, high_of=VALUE)


@pytest.mark.parametrize("backend", SIMULATORS)
def test_least(backend):
    inputs = stimulus(np.random.default_rng(9))
    inputs["take_alive"][:] = True
    check(backend, inputs, SECOND, lambda e: -min(0, *inputs["value"][e]), track_high=1, high_of=RANGE)


@pytest.mark.parametrize("addend", [SQUARE, NUMERATOR, LEVEL])
@pytest.mark.parametrize("backend", SIMULATORS)
def test_total(backend, addend):
    inputs = stimulus(np.random.default_rng(addend))
    name = {SQUARE: "square", NUMERATOR: "numerator", LEVEL: "level"}[addend]
    added = inputs[f"addends_{name}"] * inputs["take_alive"]
    check(backend, inputs, TOTAL, lambda e: added[e].sum(), track_total=1, addend=addend)


@pytest.mark.parametrize("backend", SIMULATORS)
def test_correction(backend):
    inputs = stimulus(np.random.default_rng(8))
    added = inputs["addends_weight"] * inputs["addends_zero"] * inputs["take_alive"]
    check(backend, inputs, SECOND, lambda e: added[e].sum(), track_total=1, addend=NUMERATOR)


@pytest.mark.parametrize("backend", SIMULATORS)
def test_a_sum_goes_through(backend):
    inputs = stimulus(np.random.default_rng(9))
    found = Cycles("column_statistics", unit_ports.column_statistics, TINY, backend).run(COUNT, 1, reduce=SUM, **inputs)
    assert np.array_equal(found["reduction"][1:], inputs["total_sum"][1:])
