"""Keeps a memory port from beginning reads while the units behind it are about to be reset."""

from myhdl import Signal, always, always_comb, intbv

from myhdl_acc.convert.entity import entity
from myhdl_acc.hdl.wiring import unused
from myhdl_acc.stream import halt_when


@entity(outputs=("reading",))
def port_guard(clk, rst, halt, sink_ar, source_ar, sink_r, source_r, reading):
    """Passes AR and R on; while ``halt`` is high no request begins. ``reading``: a request is offered or not all of its
    beats have come. Latency 0, a word per cycle on both channels.
    """
    unused(sink_r.resp)
    under_way = Signal(intbv(0)[10:])
    requested, finished = Signal(bool(0)), Signal(bool(0))
    gated = sink_ar.like()
    halt_when(sink=sink_ar, source=gated, condition=halt)

    @always_comb
    def requests():
        source_ar.valid.next = gated.valid
        source_ar.address.next = gated.address
        source_ar.length.next = gated.length
        gated.ready.next = source_ar.ready
        requested.next = gated.valid and source_ar.ready

    @always_comb
    def beats():
        source_r.valid.next = sink_r.valid
        source_r.data.next = sink_r.data
        source_r.resp.next = sink_r.resp
        source_r.last.next = sink_r.last
        sink_r.ready.next = source_r.ready
        finished.next = sink_r.valid and source_r.ready and sink_r.last

    @always_comb
    def observe():
        reading.next = gated.valid or under_way != 0

    @always(clk.posedge)
    def count():
        if rst:
            under_way.next = 0
        elif requested and not finished:
            under_way.next = under_way + 1
        elif finished and not requested:
            under_way.next = under_way - 1
