"""What the stream tests share: streams with awkward fields, and a design of a block with a clock and a reset."""

import numpy as np
from myhdl import Signal, always_comb, always_seq, intbv

from myhdl_acc.convert.entity import entity
from myhdl_acc.simulate import Design, clock, reset
from myhdl_acc.stream import Stream, halt_when, signed, take_when, throw_when
from myhdl_acc.stream.fifo import deep_queue
from myhdl_acc.stream.scoreboard import random_words
from myhdl_acc.stream.wiring import unused

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


def rows(words, selection):
    """The selected words of ``{field: array}``."""
    return {name: column[selection] for name, column in words.items()}


def full_speed(count):
    """The transfer cycles of a stream that never waits."""
    return np.arange(count).tolist()


@entity
def thinned(clk, rst, sink, source, keep_flagged):
    """Drops the words whose flag is low (``keep_flagged``) or high: the condition follows the payload."""
    condition = Signal(bool(0))

    @always_comb
    def follow():
        condition.next = sink.flag

    return follow, (take_when if keep_flagged else throw_when)(clk, rst, sink, source, condition)


@entity
def wavering(clk, rst, sink, source, behaviour, period):
    """A conditional block (halt, throw or take) whose condition is high in the second half of every period cycles."""
    phase = Signal(intbv(0, min=0, max=period))
    condition = Signal(bool(0))
    block = {"halt": halt_when, "throw": throw_when, "take": take_when}[behaviour]

    @always_seq(clk.posedge, reset=rst)
    def advance():
        if phase == period - 1:
            phase.next = 0
        else:
            phase.next = phase + 1

    @always_comb
    def compare():
        condition.next = phase >= period // 2

    return advance, compare, block(clk, rst, sink, source, condition)


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
