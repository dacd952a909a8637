"""Reads and writes registers, one at a time."""

from myhdl import always, always_comb

from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.record import Record
from myhdl_acc.hdl.wiring import unused


@entity
def register_access(clk, rst, sink, bus, source):
    """``sink``: register_stream; ``bus``: the registers' AXI4-Lite channels as a master has them; ``source``:
    Stream(data=32), which is what a read finds; a write's means nothing.

    What ``sink`` has stands until its result is taken, and so does the answer on the bus: latency 0 from the sink to
    the bus, and from the bus to the source. Address and data of a write are offered at once.
    """
    taken = Record(address=1, data=1)  # by the bus
    finished = source.fire()
    unused(bus.sink_b.resp, bus.sink_r.resp)

    @always_comb
    def ask():
        bus.source_ar.valid.next = sink.valid and not sink.write and not taken.address
        bus.source_ar.address.next = sink.address
        bus.source_aw.valid.next = sink.valid and sink.write and not taken.address
        bus.source_aw.address.next = sink.address
        bus.source_w.valid.next = sink.valid and sink.write and not taken.data
        bus.source_w.data.next = sink.data
        bus.source_w.strobe.next = 15

    @always_comb
    def answer():
        source.data.next = bus.sink_r.data
        source.valid.next = bus.sink_b.valid or bus.sink_r.valid
        bus.sink_b.ready.next = source.ready
        bus.sink_r.ready.next = source.ready
        sink.ready.next = finished

    @always(clk.posedge)
    def remember():
        if rst or finished:
            taken.address.next = False
            taken.data.next = False
        elif sink.valid:
            if sink.write:
                taken.address.next = taken.address or bus.source_aw.ready
                taken.data.next = taken.data or bus.source_w.ready
            else:
                taken.address.next = taken.address or bus.source_ar.ready
