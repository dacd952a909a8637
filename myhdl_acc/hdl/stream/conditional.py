"""Streams that a signal holds up."""

from myhdl import Signal, always_comb, always_seq

from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.wiring import matching_fields, wire


@entity
def halt_when(clk, rst, sink, source, condition):
    """Lets no word pass while ``condition`` is high (SpinalHDL ``haltWhen``).

    sink, source: streams of the same fields; condition: one bit. Latency 0, a word per cycle. A word that was
    offered already is not withdrawn: ``condition`` then counts from the next word on.
    """
    offered = Signal(bool(0))
    valid = Signal(bool(0))

    @always_comb
    def gate():
        valid.next = sink.valid and (offered or not condition)

    @always_comb
    def handshake():
        source.valid.next = valid
        sink.ready.next = source.ready and (offered or not condition)

    @always_seq(clk.posedge, reset=rst)
    def remember():
        offered.next = valid and not source.ready

    for d, q in matching_fields(sink, source):
        wire(d, q)
