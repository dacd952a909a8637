"""Keeps a memory port from beginning reads while the units behind it are about to be reset."""

from myhdl import Signal, always_comb, intbv

from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.counter import up_down
from myhdl_acc.hdl.record import Record
from myhdl_acc.hdl.wiring import unused


@entity(outputs=("reading",))
def port_guard(clk, rst, halt, client, port, reading):
    """Passes AR and R of ``client``, the other end of a channels.read_port, on to ``port``; no request begins in a
    cycle after one in which ``halt`` is high.

    ``reading``: a request is offered or not all of its beats have come. Latency 0, a word per cycle on both channels.
    """
    unused(port.sink_r.resp)
    under_way = Signal(intbv(0)[10:])
    finished = Signal(bool(0))
    late = Record(halt=halt).delay(1, reset=("halt",))  # each port has its own: it reaches all that is before a reader
    request = client.sink_ar.halt_when(late.halt)
    request >> port.source_ar
    port.sink_r >> client.source_r
    up_down(up=port.source_ar.fire(), down=finished, count=under_way)

    @always_comb
    def ends():
        finished.next = port.sink_r.valid and port.sink_r.ready and port.sink_r.last

    @always_comb
    def observe():
        reading.next = request.valid or under_way != 0
