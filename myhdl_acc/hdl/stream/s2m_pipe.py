"""Register in the backward path: a skid buffer."""

from myhdl import Signal, always_comb, always_seq

from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.wiring import choose, matching_fields, register


@entity
def s2m_pipe(clk, rst, sink, source):
    """Registers ``ready``; ``valid`` and payload pass through combinationally (SpinalHDL ``s2mPipe``).

    sink, source: streams of the same fields. Latency 0, a word per cycle. The word that arrives in the cycle in which
    ``source`` stalls is kept aside (room for one word) until ``source`` takes it.
    """
    pairs = matching_fields(sink, source)
    held = sink.like()
    kept = Signal(bool(0))
    keep = Signal(bool(0))

    @always_comb
    def handshake():
        sink.ready.next = not kept
        source.valid.next = sink.valid or kept
        keep.next = sink.valid and not kept and not source.ready

    @always_seq(clk.posedge, reset=rst)
    def occupy():
        if keep:
            kept.next = True
        elif source.ready:
            kept.next = False

    aside = held.payload().values()
    for (d, _), h in zip(pairs, aside, strict=True):
        register(clk, sink.ready, d, h)  # whether ``source`` stalls may be known late: only ``kept`` depends on it
    for (d, q), h in zip(pairs, aside, strict=True):
        choose(kept, h, d, q)
