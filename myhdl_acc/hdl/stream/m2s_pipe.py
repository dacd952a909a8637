"""Register in the forward path."""

from myhdl import Signal, always_comb, always_seq

from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.wiring import matching_fields, register


@entity
def m2s_pipe(clk, rst, sink, source):
    """Registers ``valid`` and payload; ``ready`` passes through combinationally (SpinalHDL ``m2sPipe``).

    sink, source: streams of the same fields. Latency 1 cycle, a word per cycle, room for one word. An empty register
    accepts a word whether or not ``source`` is ready, so bubbles collapse.
    """
    pairs = matching_fields(sink, source)
    full = Signal(bool(0))
    load = Signal(bool(0))

    @always_comb
    def handshake():
        load.next = source.ready or not full

    @always_comb
    def ports():
        sink.ready.next = load
        source.valid.next = full

    @always_seq(clk.posedge, reset=rst)
    def occupy():
        if load:
            full.next = sink.valid

    for d, q in pairs:
        register(clk, load, d, q)
