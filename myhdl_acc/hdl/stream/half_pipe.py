"""Register in both paths at half the throughput."""

from myhdl import Signal, always_comb, always_seq

from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.wiring import matching_fields, register


@entity
def half_pipe(clk, rst, sink, source):
    """Registers ``valid``, payload and ``ready`` with room for one word (SpinalHDL ``halfPipe``).

    sink, source: streams of the same fields. Latency 1 cycle, a word every second cycle: the register is either
    filled or emptied.
    """
    pairs = matching_fields(sink, source)
    full = Signal(bool(0))
    load = Signal(bool(0))

    @always_comb
    def handshake():
        sink.ready.next = not full
        source.valid.next = full
        load.next = sink.valid and not full

    @always_seq(clk.posedge, reset=rst)
    def occupy():
        if load:
            full.next = True
        elif source.ready:
            full.next = False

    for d, q in pairs:
        register(clk, load, d, q)
