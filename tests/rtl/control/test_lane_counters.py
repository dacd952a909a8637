"""One lane's counters: a cycle of each state, beats, and what is read is LATENCY cycles old."""

import numpy as np
import pytest
from myhdl import always_comb

from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.delay import delay_reset
from myhdl_acc.hdl.record import Record
from myhdl_acc.hdl.stream import Stream
from myhdl_acc.hdl.wiring import unused
from myhdl_acc.rtl.control.lane_counters import LATENCY, lane_counters
from myhdl_acc.rtl.control.register_map import COUNTERS
from myhdl_acc.simulate import BACKENDS, Design, clock, open_simulation, reset


@entity
def lane_counters_bench(clk, rst, sink, source):
    """sink: what happens in a cycle and what is read in it; source: the word that is read."""
    unused(source.ready)
    now = Record(clear=1, count=1, answered=1, later=1)

    @always_comb
    def connect():
        sink.ready.next = True
        now.clear.next = sink.valid and sink.clear
        now.count.next = sink.valid and sink.count
        now.answered.next = sink.valid
        source.valid.next = now.later

    delay_reset(d=now.answered, q=now.later, stages=LATENCY)
    lane_counters(
        clear=now.clear,
        count=now.count,
        state=sink.state,
        beat=sink.beat,
        selected=sink.selected,
        address=sink.address,
        word=source.word,
    )


@pytest.mark.parametrize("backend", BACKENDS)
def test_every_cycle_is_counted_and_read_in_the_next(backend):
    rng, cycles, states = np.random.default_rng(3), 300, len(COUNTERS) - 1
    words = {
        "clear": np.isin(np.arange(cycles), (0, 170)), "count": rng.random(cycles) < 0.8,
        "state": rng.integers(0, states, cycles), "beat": rng.random(cycles) < 0.5,
        "selected": rng.random(cycles) < 0.9, "address": rng.integers(0, len(COUNTERS), cycles),
    }  # fmt: skip
    words["count"] &= ~words["clear"]
    counts, wanted = np.zeros(len(COUNTERS), int), []
    for clear, count, state, beat, selected, address in zip(*words.values(), strict=True):
        wanted.append(int(counts[address]) if selected else 0)
        if clear:
            counts[:] = 0
        elif count:
            counts[1 + state] += 1
            counts[0] += beat
    wanted[0] = 0
    design = Design(
        lane_counters_bench, clk=clock(), rst=reset(), source=Stream(word=32),
        sink=Stream(clear=1, count=1, state=3, beat=1, selected=1, address=3),
    )  # fmt: skip
    inputs = {name: word.astype(int) for name, word in words.items()}
    with open_simulation(design, backend) as simulation:
        run = simulation.run({"sink": inputs}, {"source": cycles}, record=True)
    assert run.outputs["source"]["word"].tolist() == wanted
    assert (run.transfers["source"] - run.transfers["sink"] == LATENCY).all()
