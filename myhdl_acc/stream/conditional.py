"""Streams that a signal holds up or thins out: halt, throw, take."""

from myhdl import Signal, always_comb, always_seq, block

from myhdl_acc.convert.entity import entity
from myhdl_acc.stream.wiring import matching_fields, wire


@block
def offered_before(clk, rst, valid, ready, offered):
    """``offered`` is high in the cycles after the first one in which a word is offered, until it is taken."""

    @always_seq(clk.posedge, reset=rst)
    def remember():
        offered.next = valid and not ready

    return remember


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

    return (
        gate,
        handshake,
        offered_before(clk, rst, valid, source.ready, offered),
        [wire(d, q) for d, q in matching_fields(sink, source)],
    )


@block
def filtered(clk, rst, sink, source, condition, drop_if):
    """Drops a word if ``condition`` equals ``drop_if`` in the first cycle in which it is valid."""
    offered = Signal(bool(0))
    valid = Signal(bool(0))
    drop = Signal(bool(0))

    @always_comb
    def judge():
        drop.next = condition == drop_if and not offered

    @always_comb
    def gate():
        valid.next = sink.valid and not drop

    @always_comb
    def handshake():
        source.valid.next = valid
        sink.ready.next = source.ready or drop

    return (
        judge,
        gate,
        handshake,
        offered_before(clk, rst, valid, source.ready, offered),
        [wire(d, q) for d, q in matching_fields(sink, source)],
    )


@entity
def throw_when(clk, rst, sink, source, condition):
    """Drops the words that come while ``condition`` is high (SpinalHDL ``throwWhen``).

    sink, source: streams of the same fields; condition: one bit, which may follow the payload of ``sink``. Latency 0,
    a word per cycle. What counts is ``condition`` in the first cycle in which a word is valid: an offered word stays.
    """
    return filtered(clk, rst, sink, source, condition, True)


@entity
def take_when(clk, rst, sink, source, condition):
    """Passes the words that come while ``condition`` is high and drops the others (SpinalHDL ``takeWhen``).

    Otherwise as ``throw_when``.
    """
    return filtered(clk, rst, sink, source, condition, False)
