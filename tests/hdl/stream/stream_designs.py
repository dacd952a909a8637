"""What the stream tests share: streams with awkward fields, and a design of a block with a clock and a reset."""

import numpy as np
from myhdl import Signal, always_comb, always_seq, intbv

from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.stream import (
    Array,
    Stream,
    arbiter,
    fifo,
    half_pipe,
    halt_when,
    m2s_pipe,
    s2m_pipe,
    signed,
    stream_fork,
    width_converter,
)
from myhdl_acc.hdl.stream.fifo import deep_queue
from myhdl_acc.hdl.wiring import unused
from myhdl_acc.simulate import Design, clock, reset
from myhdl_acc.simulate.scoreboard import random_words

WIDTHS = (1, 7, 13, 33, 65)


def mixed():
    """A stream with a bit, odd widths, a signed field, one wider than a machine word, and ``last``."""
    return Stream(flag=1, data=13, number=signed(7), wide=65, last=1)


def make(block, **arguments):
    """A design of ``block`` with these arguments."""
    return Design(block, clk=clock(), rst=reset(), **arguments)


def words_for(design, stream, count, seed=0):
    """Random words for an input or output stream of a design."""
    return random_words({**design.inputs, **design.outputs}[stream].fields, count, seed)


def full_speed(count):
    """The transfer cycles of a stream that never waits."""
    return np.arange(count).tolist()


@entity
def wavering(clk, rst, sink, source, period):
    """halt_when whose condition is high in the second half of every period cycles."""
    phase = Signal(intbv(0, min=0, max=period))
    condition = Signal(bool(0))

    @always_seq(clk.posedge, reset=rst)
    def advance():
        if phase == period - 1:
            phase.next = 0
        else:
            phase.next = phase + 1

    @always_comb
    def compare():
        condition.next = phase >= period // 2

    return advance, compare, halt_when(clk, rst, sink, source, condition)


@entity
def small_deep_queue(clk, rst, sink, source, depth):
    """The queue with registered reads at a depth at which ``fifo`` uses the other one."""
    level = Signal(intbv(0, min=0, max=depth + 1))
    return deep_queue(clk, rst, sink, source, level, depth)


@entity
def hasty_fork(clk, rst, sink, source):
    """A broken fork: forgets that the first branch has its word already."""
    first, second = source

    @always_comb
    def handshake():
        first.valid.next = sink.valid
        second.valid.next = sink.valid
        sink.ready.next = first.ready and second.ready
        first.data.next = sink.data
        second.data.next = sink.data

    @always_comb
    def ends():
        first.last.next = sink.last
        second.last.next = sink.last

    unused(clk, rst)
    return handshake, ends


@entity
def waiting_for_ready(clk, rst, sink, source):
    """Breaks rule 4: offers a word only to a consumer that is ready."""

    @always_comb
    def handshake():
        source.valid.next = sink.valid and source.ready
        sink.ready.next = source.ready
        source.data.next = sink.data

    @always_comb
    def end():
        source.last.next = sink.last

    unused(clk, rst)
    return handshake, end


@entity
def leaky_pipe(clk, rst, sink, source):
    """A broken m2s_pipe: takes a word while its register is full, so the word before is lost if source stalls."""
    full = Signal(bool(0))

    @always_comb
    def handshake():
        sink.ready.next = not rst
        source.valid.next = full

    @always_seq(clk.posedge, reset=rst)
    def occupy():
        if sink.valid or source.ready:
            full.next = sink.valid

    @always_seq(clk.posedge, reset=rst)
    def store():
        if sink.valid:
            source.data.next = sink.data
            source.last.next = sink.last

    return handshake, occupy, store


class Ports:
    """Streams as one argument of a block, by name."""

    def __init__(self, **streams):
        vars(self).update(streams)


def gallery_ports():
    """The streams of gallery(): what goes in and what comes out, by the name of the block between."""
    wide = {"flag": 3, "data": 39, "number": 21}
    narrow = {"flag": 1, "data": 13, "number": signed(7)}
    blocks = ("m2s", "s2m", "half", "queue0", "queue1", "queue3", "queue16", "queue37", "halt")
    sink = {name: mixed() for name in blocks}
    source = {name: mixed() for name in blocks}
    sink["fork"], source["fork"] = mixed(), Array("ch", [mixed() for _ in range(3)])
    sink["robin"], source["robin"] = Array("ch", [mixed() for _ in range(3)]), mixed()
    sink["lowest"], source["lowest"] = Array("ch", [mixed() for _ in range(2)]), mixed()
    sink["widen"], source["widen"] = Stream(**narrow, last=1), Stream(**wide, last=1)
    sink["narrow"], source["narrow"] = Stream(**wide, last=1), Stream(**narrow, last=1)
    return {"sink": Ports(**sink), "source": Ports(**source), "occupancy": Signal(intbv(0, min=0, max=17))}


@entity(outputs=("occupancy",))
def gallery(clk, rst, sink, source, occupancy):
    """Every block of the library side by side, so that each simulator builds them once."""
    return (
        m2s_pipe(clk, rst, sink.m2s, source.m2s),
        s2m_pipe(clk, rst, sink.s2m, source.s2m),
        half_pipe(clk, rst, sink.half, source.half),
        fifo(clk, rst, sink.queue0, source.queue0, 0),
        fifo(clk, rst, sink.queue1, source.queue1, 1),
        fifo(clk, rst, sink.queue3, source.queue3, 3),
        fifo(clk, rst, sink.queue16, source.queue16, 16, occupancy),
        fifo(clk, rst, sink.queue37, source.queue37, 37),
        wavering(clk, rst, sink.halt, source.halt, 6),
        stream_fork(clk, rst, sink.fork, source.fork),
        arbiter(clk, rst, sink.robin, source.robin),
        arbiter(clk, rst, sink.lowest, source.lowest, "lowest_first"),
        width_converter(clk, rst, sink.widen, source.widen),
        width_converter(clk, rst, sink.narrow, source.narrow),
    )
