"""Small designs that the simulation tests run through every backend."""

from itertools import pairwise

from myhdl import always_comb, always_seq

from myhdl_acc.convert.entity import entity


@entity
def register_stage(clk, rst, sink, source):
    """One pipeline register for a stream with the fields data and last; latency 1, ready is combinational."""

    @always_comb
    def accept():
        sink.ready.next = source.ready or not source.valid

    @always_seq(clk.posedge, reset=rst)
    def register():
        if source.ready or not source.valid:
            source.valid.next = sink.valid
            source.data.next = sink.data
            source.last.next = sink.last

    return accept, register


@entity
def chain(clk, rst, sink, source, stages):
    """``stages`` register stages in a row, each an entity of its own."""
    hops = [sink, *(sink.like() for _ in range(stages - 1)), source]
    return [register_stage(clk, rst, a, b) for a, b in pairwise(hops)]


@entity
def forgetful(clk, rst, sink, source):
    """Breaks the second transfer rule: offers every word for one cycle only."""

    @always_comb
    def accept():
        sink.ready.next = not rst

    @always_seq(clk.posedge, reset=rst)
    def register():
        source.valid.next = sink.valid
        source.data.next = sink.data
        source.last.next = sink.last

    return accept, register


@entity(outputs=("total",))
def counted(clk, rst, sink, step, total):
    """Adds ``step`` to ``total`` with every word."""

    @always_comb
    def accept():
        sink.ready.next = not rst

    @always_seq(clk.posedge, reset=rst)
    def count():
        if sink.valid:
            total.next = total + step

    return accept, count
