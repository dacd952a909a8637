"""Dispatch alone: each word to its unit in its own cycle; programs that fail are in test_controller."""

import numpy as np
import pytest
from myhdl import Signal

from myhdl_acc.hdl.record import Record
from myhdl_acc.hdl.stream import Stream
from myhdl_acc.rtl.control import records
from myhdl_acc.rtl.control.dispatch import dispatch
from myhdl_acc.rtl.control.isa import OPS, UNITS
from myhdl_acc.rtl.control.records import INSTRUCTED
from myhdl_acc.simulate import BACKENDS, Design, clock, open_simulation, reset
from myhdl_acc.simulate.backpressure import gap_array


def design():
    return Design(
        dispatch, clk=clock(), rst=reset(), sink=Stream(word=256), units=records.units(), start=Signal(bool(0)),
        arguments=Record(instructions=32, watchdog=32), seen=records.seen(), progress=records.progress(),
        outcome=records.outcome(),
    )  # fmt: skip


def program(rng, length):
    """Words of random units, and by unit the places of theirs."""
    units = rng.choice(INSTRUCTED, length)
    words = [UNITS.index(unit) | int(rng.integers(len(OPS[unit]))) << 3 for unit in units]
    return words, {unit: np.flatnonzero(units == unit) for unit in INSTRUCTED}


def as_words(words):
    data = b"".join(word.to_bytes(32, "little") for word in words)
    return {"word": np.frombuffer(data, np.uint8).reshape(-1, 32)}


def run(backend, kind, length=60):
    words, places = program(np.random.default_rng(4), length)
    inputs = {"sink": as_words([*words, 0]), "start": 1, "arguments_instructions": length + 1}
    expect = {f"units_source_{unit}": len(own) for unit, own in places.items()}
    gaps = {name: gap_array(kind, count, seed) for seed, (name, count) in enumerate(expect.items())}
    with open_simulation(design(), backend) as simulation:
        result = simulation.run(inputs, expect, gaps=gaps, record=True)
    sink = result.transfers["sink"]
    for unit, own in places.items():
        out = result.outputs[f"units_source_{unit}"]["word"]
        assert (out == as_words([words[place] for place in own])["word"]).all()
        assert (result.transfers[f"units_source_{unit}"] == sink[own]).all()  # latency 0
    return result


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_word_per_cycle_to_its_unit(backend):
    assert (np.diff(run(backend, "never").transfers["sink"]) == 1).all()


@pytest.mark.parametrize("kind", ["random", "bursty"])
def test_full_queues_hold_up_what_follows(kind):
    run("myhdl", kind)
