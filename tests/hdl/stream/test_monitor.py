"""The monitor: broken rules are found, at the ports and inside a design, and only there."""

import numpy as np
import pytest
from myhdl import Signal, always_comb, always_seq, instances, intbv
from stream_designs import make

from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.stream import Stream, fifo, m2s_pipe
from myhdl_acc.simulate import clock, open_simulation, reset
from myhdl_acc.simulate.kernel import Kernel
from myhdl_acc.simulate.monitor import TransferRuleError, monitor


@entity
def withdrawing(clk, rst, sink, source):
    """Breaks rule 2: offers a word every second cycle only."""
    phase = Signal(bool(0))

    @always_seq(clk.posedge, reset=rst)
    def alternate():
        phase.next = not phase

    @always_comb
    def gate():
        source.valid.next = sink.valid and phase
        sink.ready.next = source.ready and phase
        source.data.next = sink.data

    return instances()


@entity
def changing(clk, rst, sink, source):
    """Breaks rule 3: adds the time to the word."""
    phase = Signal(intbv(0)[4:])

    @always_seq(clk.posedge, reset=rst)
    def advance():
        phase.next = (phase + 1) % 16

    @always_comb
    def add():
        source.valid.next = sink.valid
        sink.ready.next = source.ready
        source.data.next = (sink.data + phase) % 16

    return instances()


BROKEN = {"withdrawing": withdrawing, "changing": changing}


@entity
def hidden(clk, rst, sink, source, fault):
    """A rule is broken between two blocks; the queue behind makes the output look right."""
    middle, after = sink.like(), sink.like()
    return (
        BROKEN[fault](clk, rst, sink, middle),
        m2s_pipe(clk, rst, middle, after),
        fifo(clk, rst, after, source, 2),
    )


@pytest.mark.parametrize(
    "block, message",
    [
        (withdrawing, r"source: valid fell in cycle 2 .* \(rule 2\)"),
        (changing, r"source: the payload changed in cycle 1 .* \(rule 3\): data from 5 to 6"),
    ],
)
def test_broken_rules_at_a_port(block, message):
    design = make(block, sink=Stream(data=4), source=Stream(data=4))
    with open_simulation(design) as simulation, pytest.raises(TransferRuleError, match=message):
        simulation.run({"sink": {"data": np.array([5])}}, {"source": 1}, gaps={"source": np.array([6])})


@pytest.mark.parametrize("fault, message", [("withdrawing", "valid fell"), ("changing", "the payload changed")])
def test_broken_rules_inside_a_design(fault, message):
    design = make(hidden, sink=Stream(data=4), source=Stream(data=4), fault=fault)
    gaps = {"source": np.array([20, 0, 0, 0, 0, 0])}
    with open_simulation(design) as simulation, pytest.raises(TransferRuleError, match=f"sink: {message}|{message}"):
        simulation.run({"sink": {"data": np.arange(6)}}, {"source": 6}, gaps=gaps)


def test_reset_withdraws_words_without_complaint():
    kernel = Kernel()
    with kernel.active():
        clk, rst, stream = clock(), reset(), Stream(data=4)
        kernel.start(monitor(clk, rst, stream, "stream"))

        def cycle(valid, data, in_reset=0):
            stream.valid.next, stream.data.next, rst.next, clk.next = valid, data, in_reset, 0
            kernel.step()
            clk.next = 1
            kernel.step()

        cycle(1, 3)
        cycle(0, 0, in_reset=1)
        cycle(0, 5)
        cycle(1, 6)
        with pytest.raises(TransferRuleError, match="valid fell in cycle 2"):
            cycle(0, 6)
