"""Two readers share one AXI read port."""

from myhdl import Signal, always, always_comb

from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.stream.fifo import fifo
from myhdl_acc.hdl.stream.stream import Stream

#: Cycles from a request at a sink to the source.
LATENCY = 1


@entity
def axi_read_mux(clk, rst, sink_ar, source_r, source_ar, sink_r, outstanding):
    """Requests of two clients to one port, responses back to the client that asked.

    sink_ar, source_r: Arrays of the two clients' AR and R. source_ar, sink_r: the port. Client 1 goes first where both
    ask: it must be one that asks seldom. At most ``outstanding`` bursts are under way. The port answers in the order of
    the requests, so a client that stalls R stalls the other one too.

    Latency: LATENCY cycles for AR, 0 for R. A request and a beat per cycle.
    """
    ar0, ar1 = (one.s2m_pipe() for one in sink_ar)  # the readers have enough to do before they see whether they may
    r0, r1 = source_r
    offered, load, load1 = (Signal(bool(0)) for _ in range(3))
    owner, answering = Stream(client=1), Stream(client=1)
    ready0, ready1, beat_ready = (Signal(bool(0)) for _ in range(3))

    @always_comb
    def choose():
        load.next = (ar0.valid or ar1.valid) and owner.ready and (source_ar.ready or not offered)
        load1.next = ar1.valid

    @always_comb
    def handshake():
        source_ar.valid.next = offered
        ar1.ready.next = load and load1
        ar0.ready.next = load and not load1

    @always_comb
    def remember():
        owner.valid.next = load
        owner.client.next = load1

    @always(clk.posedge)
    def offer():
        if rst:
            offered.next = False
        elif load:
            offered.next = True
        elif source_ar.ready:
            offered.next = False

    @always(clk.posedge)
    def fill():
        if load:
            if load1:
                source_ar.address.next = ar1.address
                source_ar.length.next = ar1.length
            else:
                source_ar.address.next = ar0.address
                source_ar.length.next = ar0.length

    @always_comb
    def clients():
        ready0.next = r0.ready
        ready1.next = r1.ready

    @always_comb
    def selected():
        if answering.client:
            beat_ready.next = answering.valid and ready1
        else:
            beat_ready.next = answering.valid and ready0

    @always_comb
    def give():
        r0.valid.next = sink_r.valid and answering.valid and not answering.client
        r1.valid.next = sink_r.valid and answering.valid and answering.client
        sink_r.ready.next = beat_ready
        answering.ready.next = beat_ready and sink_r.valid and sink_r.last

    @always_comb
    def copy():
        r0.data.next = sink_r.data
        r0.resp.next = sink_r.resp
        r0.last.next = sink_r.last
        r1.data.next = sink_r.data
        r1.resp.next = sink_r.resp
        r1.last.next = sink_r.last

    # The last request's owner waits in a register before the queue.
    fifo(sink=owner.m2s_pipe(), source=answering, depth=outstanding - 1)
