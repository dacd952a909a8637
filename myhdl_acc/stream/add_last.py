"""Cuts a stream into packets."""

from myhdl import Signal, always_comb, always_seq, intbv

from myhdl_acc.convert.entity import entity
from myhdl_acc.stream.wiring import require_same_type, wire


@entity
def add_last(clk, rst, sink, source, length):
    """Counts words and sets ``last`` on every ``length``-th (SpinalHDL ``addFragmentLast`` with a counter).

    source: the fields of ``sink`` (which has no ``last``) and a one-bit ``last``. length: words per packet, 1 or more.
    Latency 0, a word per cycle. Raises ValueError for other fields or lengths.
    """
    if length < 1:
        raise ValueError(f"packet length {length}: it must be 1 or more")
    fields = sink.payload()
    wanted = source.payload()
    if "last" in fields or sorted([*fields, "last"]) != sorted(wanted):
        raise ValueError(f"add_last: the source of a sink with {list(fields)} cannot have {list(wanted)}")
    for name, signal in fields.items():
        require_same_type(name, signal, wanted[name])
    copies = [wire(signal, wanted[name]) for name, signal in fields.items()]
    position = Signal(intbv(0, min=0, max=max(2, length)))
    at_end = Signal(bool(0))
    final = length - 1

    @always_comb
    def handshake():
        source.valid.next = sink.valid
        sink.ready.next = source.ready

    @always_comb
    def compare():
        at_end.next = position == final

    @always_comb
    def mark():
        source.last.next = at_end

    @always_seq(clk.posedge, reset=rst)
    def count():
        if sink.valid and source.ready:
            if at_end:
                position.next = 0
            else:
                position.next = position + 1

    return copies, handshake, compare, mark, count
