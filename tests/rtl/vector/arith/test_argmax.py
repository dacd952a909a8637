"""The running argmax: sequences of every length, equal values, empty sequences, indices in any order."""

import numpy as np
import pytest
from unit_bench import edge_values
from vector_benches import argmax_bench

from golden.units.argmax import argmax
from myhdl_acc.hdl.stream import Stream, signed
from myhdl_acc.rtl.vector.arith import argmax as unit
from myhdl_acc.simulate import BACKENDS, Design, clock, open_simulation, reset
from myhdl_acc.simulate.scoreboard import check_words


def stimulus(rng, count):
    """Sequences of about seven words with a third of them taken; few different values, so that many are equal."""
    value = edge_values(32, rng, count)
    some = rng.random(count) < 0.7
    value[some] = rng.choice([-(1 << 31), -5, 7, (1 << 31) - 1], some.sum())
    return {
        "clear": rng.random(count) < 0.15,
        "take": rng.random(count) < 0.6,
        "value": value,
        "index": np.where(rng.random(count) < 0.5, rng.integers(0, 4, count), rng.integers(0, (1 << 32) - 1, count)),
    }


def expected(words):
    """Of the words taken since the last clear: the largest value, and golden's choice in the order of the indices."""
    best, index, taken = [], [], []
    for t, clear in enumerate(words["clear"]):
        if clear:
            taken = []
        if words["take"][t]:
            taken.append(t)
        if not taken:
            best.append(unit.LEAST)
            index.append(unit.NO_INDEX)
            continue
        order = np.array(taken)[np.argsort(words["index"][taken], kind="stable")]
        chosen = order[argmax(words["value"][order])]
        best.append(words["value"][chosen])
        index.append(words["index"][chosen])
    return {"best": np.array(best), "best_index": np.array(index)}


def run(words, backend, gaps=None):
    sink = Stream(clear=1, take=1, value=signed(32), index=32)
    source = Stream(best=signed(32), best_index=32)
    design = Design(argmax_bench, clk=clock(), rst=reset(), sink=sink, source=source)
    count = len(words["value"])
    with open_simulation(design, backend) as simulation:
        result = simulation.run({"sink": words}, {"source": count}, gaps=gaps, record=True)
    assert (result.transfers["source"] - result.transfers["sink"] == unit.LATENCY).all()
    if gaps is None:
        assert (np.diff(result.transfers["sink"]) == 1).all()
    check_words(result.outputs["source"], expected(words))


@pytest.mark.parametrize("backend", BACKENDS)
def test_like_golden(backend):
    rng = np.random.default_rng(0)
    run(stimulus(rng, 300), backend)
    run(stimulus(rng, 300), backend, {"sink": rng.integers(0, 4, 300)})


def test_many_sequences():
    run(stimulus(np.random.default_rng(1), 100_000), "verilator")


def test_one_long_sequence():
    rng = np.random.default_rng(2)
    words = {
        "clear": np.arange(4096) == 0,
        "take": np.ones(4096, bool),
        "value": rng.integers(-50, 50, 4096),
        "index": np.arange(4096),
    }
    run(words, "verilator")
