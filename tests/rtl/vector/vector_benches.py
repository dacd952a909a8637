"""Blocks whose ports unit_bench does not fit: with a reset, with signals that go with valid, or with Bundles."""

from myhdl import Signal, always_comb, block, intbv
from unit_bench import follow

from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.delay import delay_reset
from myhdl_acc.hdl.stream.stream import Bundle
from myhdl_acc.hdl.wiring import unused
from myhdl_acc.rtl.vector.arith import argmax as argmax_unit
from myhdl_acc.rtl.vector.arith.argmax import argmax
from myhdl_acc.rtl.vector.arith.butterfly import butterfly, latency
from myhdl_acc.rtl.vector.unit.rope_column import LATENCY, rope_column


@entity
def argmax_bench(clk, rst, sink, source):
    """sink: clear, take, value, index; source: best, best_index after each word."""
    clear, valid = Signal(bool(0)), Signal(bool(0))

    @always_comb
    def gate():
        clear.next = sink.clear and sink.valid
        valid.next = sink.take and sink.valid

    unit = argmax(clk, rst, clear, valid, sink.value, sink.index, source.best, source.best_index)
    return gate, unit, follow(clk, rst, sink, source, argmax_unit.LATENCY)


@entity
def butterfly_bench(clk, rst, sink, source, lanes):
    """sink: v00, v01, …, maximum, first_stage; source: v00, v01, …"""
    values = Bundle("ch", [getattr(sink, f"v{lane:02d}") for lane in range(lanes)])
    results = Bundle("ch", [getattr(source, f"v{lane:02d}") for lane in range(lanes)])
    unit = butterfly(clk, values, results, sink.maximum, sink.first_stage)
    if lanes == 1:
        return unit, follow_at_once(rst, sink, source)
    return unit, follow(clk, rst, sink, source, latency(lanes))


@block
def follow_at_once(rst, sink, source):
    """``source`` is valid with ``sink``, which is always accepted: for a block without a register."""
    unused(source.ready)

    @always_comb
    def handshake():
        sink.ready.next = not rst
        source.valid.next = sink.valid and not rst

    return handshake


@entity
def rope_column_bench(clk, rst, sink, source):
    """sink: what rope_column sees in a cycle; source: ``rotated`` LATENCY cycles after the words with ``kept``."""
    now, later = Signal(intbv(0)[1:]), Signal(intbv(0)[1:])
    unused(source.ready)
    unit = rope_column(
        clk, sink.write, sink.written, sink.cosine, sink.sine, sink.issue, sink.read, sink.operand, source.rotated
    )

    @always_comb
    def take():
        sink.ready.next = not rst
        now.next = 0
        if sink.valid and sink.kept:
            now.next = 1

    line = delay_reset(clk, rst, now, later, LATENCY)

    @always_comb
    def give():
        source.valid.next = later[0]

    return unit, take, line, give
