"""Blocks whose ports unit_bench does not fit: with a reset, with signals that go with valid, or with Arrays."""

from myhdl import Signal, always_comb, block, intbv
from unit_bench import follow

from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.delay import delay_reset
from myhdl_acc.hdl.record import Array, Record
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

    candidate, best = sink.only("value", "index"), Record(value=source.best, index=source.best_index)
    argmax(clear=clear, valid=valid, candidate=candidate, best=best)
    follow(sink=sink, source=source, latency=argmax_unit.LATENCY)


@entity
def butterfly_bench(clk, rst, sink, source, lanes):
    """sink: v00, v01, …, maximum, first_stage; source: v00, v01, …"""
    values = Array("ch", [getattr(sink, f"v{lane:02d}") for lane in range(lanes)])
    results = Array("ch", [getattr(source, f"v{lane:02d}") for lane in range(lanes)])
    butterfly(values=values, results=results, maximum=sink.maximum, first_stage=sink.first_stage)
    if lanes == 1:
        follow_at_once(sink=sink, source=source)
    else:
        follow(sink=sink, source=source, latency=latency(lanes))


@block
def follow_at_once(rst, sink, source):
    """``source`` is valid with ``sink``, which is always accepted: for a block without a register."""
    unused(source.ready)

    @always_comb
    def handshake():
        sink.ready.next = not rst
        source.valid.next = sink.valid and not rst


@entity
def rope_column_bench(clk, rst, sink, source):
    """sink: what rope_column sees in a cycle; source: ``rotated`` LATENCY cycles after the words with ``kept``."""
    now, later = Signal(intbv(0)[1:]), Signal(intbv(0)[1:])
    unused(source.ready)
    angle = sink.only("write", "written", "read", "cosine", "sine")
    rope_column(angle=angle, issue=sink.issue, operand=sink.operand, rotated=source.rotated)

    @always_comb
    def take():
        sink.ready.next = not rst
        now.next = 0
        if sink.valid and sink.kept:
            now.next = 1

    delay_reset(d=now, q=later, stages=LATENCY)

    @always_comb
    def give():
        source.valid.next = later[0]
