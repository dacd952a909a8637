"""Gathers beats at consecutive addresses into AXI bursts."""

from myhdl import Signal, always, always_comb, always_seq, block, concat, intbv, modbv

from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.counter import up_down
from myhdl_acc.hdl.record import bits
from myhdl_acc.hdl.stream.fifo import fifo
from myhdl_acc.hdl.stream.stream import Stream
from myhdl_acc.hdl.wiring import unused
from myhdl_acc.rtl.memory.channels import PAGE, beat_shift
from myhdl_acc.rtl.memory.sticky_error import sticky_error

#: Cycles from a beat's transfer to the request of its burst being offered, if the beat is alone.
LATENCY = 3

#: Beats of the longest burst, and bursts that a writer has under way at most, unless told otherwise.
BURST, OUTSTANDING = 16, 32

#: Closed bursts whose request has not been offered yet. A queue of more than two has a register that says it is full.
REQUEST_QUEUE = 4


@entity(outputs=("status",))
def axi_writer(clk, rst, sink_beat, port, base, status, burst=BURST, outstanding=OUTSTANDING):
    """Write whole beats, each to its beat address.

    sink_beat: ``address`` (beats), ``data``. ``port``: channels.write_port. ``base`` as for axi_reader.
    Beats that follow each other at consecutive addresses in consecutive cycles become one burst, which ends at a
    multiple of ``burst`` beats (a power of two, 2 or more, at most a page) at the latest, so none crosses a 4 KB
    boundary; no beat waits for another one to come. At most ``outstanding`` bursts are not acknowledged.

    Latency: LATENCY cycles to the request; data is offered from the cycle after its transfer on. A beat per cycle, also
    of single beats. ``sink_beat`` stalls while ``outstanding`` is reached or AW or W have stalled for a while.
    ``status.idle``: everything accepted has been acknowledged. ``status.error``: the first error response, until reset.
    Raises ValueError for a ``burst`` that is not possible.
    """
    beat_bits = len(sink_beat.data)
    shift = beat_shift(beat_bits)
    page_bits = PAGE.bit_length() - 1
    if burst & (burst - 1) or not 2 <= burst <= min(256, PAGE * 8 // beat_bits):
        raise ValueError(f"axi_writer: a burst of {burst} beats of {beat_bits} bits is not possible")
    block_bits = burst.bit_length() - 1
    in_page_bits = page_bits - shift
    unused(base)

    # The newest beat is held until the next cycle tells whether its burst goes on.
    held, joins, closes, accepted, push, fits, room = (Signal(bool(0)) for _ in range(7))
    held_data = Signal(intbv(0)[beat_bits:])
    first, following = Signal(intbv(0)[32:]), Signal(modbv(0)[32:])
    count = Signal(intbv(0)[block_bits:])  # beats before the held one
    opens, answered, none = (Signal(bool(0)) for _ in range(3))
    under_way = Signal(intbv(0, min=0, max=outstanding + 2))

    occupancy = Signal(intbv(0, min=0, max=2 * burst + 1))
    beats, waiting = Stream(data=beat_bits, last=1), Stream(data=beat_bits, last=1)
    closed, request = (Stream(address=32, length=block_bits) for _ in range(2))

    gathering(
        held=held, valid=sink_beat.valid, room=room, address=sink_beat.address, following=following,
        low=bits(following, 0, block_bits), joins=joins, closes=closes,
    )  # fmt: skip

    @always_comb
    def places():
        room.next = fits and opens and closed.ready

    @always_comb
    def step():
        # The held beat moves on together with the arrival of its successor, or to end its burst. Whether there is room
        # for the end of one does not depend on which it is: sink_beat is told without a look at addresses.
        push.next = held and room
        accepted.next = sink_beat.valid and (not held or room)
        sink_beat.ready.next = not held or room

    @always_comb
    def queues():
        beats.valid.next = push
        beats.data.next = held_data
        beats.last.next = not joins
        closed.valid.next = closes
        closed.address.next = first
        closed.length.next = count

    @always(clk.posedge)
    def hold():
        if rst:
            held.next = False
        elif accepted:
            held.next = True
        elif closes:
            held.next = False

    @always(clk.posedge)
    def measure():
        # There is a place in the next cycle even if a beat comes in this one, and none leaves.
        fits.next = not rst and occupancy < 2 * burst - 1

    @always(clk.posedge)
    def gather():
        if accepted:
            held_data.next = sink_beat.data
            following.next = sink_beat.address + 1
            if joins:
                count.next = count + 1
            else:
                count.next = 0
                first.next = sink_beat.address

    @always_comb
    def response():
        port.sink_b.ready.next = True
        answered.next = port.sink_b.valid

    bursts(closes=closes, answered=answered, opens=opens, under_way=under_way, none=none, most=outstanding)

    @always_comb
    def rest():
        status.idle.next = not held and none

    offered, load = Signal(bool(0)), Signal(bool(0))
    sendable = Signal(intbv(0, min=0, max=outstanding + 1))  # bursts whose request was taken, not all of their data
    requested, sending, sent = (Signal(bool(0)) for _ in range(3))
    page = Signal(modbv(0)[64 - page_bits :])
    low = Signal(intbv(0)[page_bits:])

    @always_comb
    def locate():
        page.next = base[64:page_bits] + request.address[32:in_page_bits]
        low.next = request.address[in_page_bits:] << shift

    @always_comb
    def request_handshake():
        request.ready.next = port.source_aw.ready or not offered
        load.next = request.valid and (port.source_aw.ready or not offered)
        port.source_aw.valid.next = offered

    @always(clk.posedge)
    def offer():
        if rst:
            offered.next = False
        elif load:
            offered.next = True
        elif port.source_aw.ready:
            offered.next = False

    @always(clk.posedge)
    def fill():
        if load:
            port.source_aw.address.next = concat(page, low)
            port.source_aw.length.next = request.length

    @always_comb
    def data():
        sending.next = waiting.valid and sendable != 0
        port.source_w.valid.next = waiting.valid and sendable != 0
        waiting.ready.next = port.source_w.ready and sendable != 0
        port.source_w.data.next = waiting.data
        port.source_w.last.next = waiting.last

    @always_comb
    def end_of_burst():
        sent.next = sending and port.source_w.ready and waiting.last
        requested.next = offered and port.source_aw.ready

    up_down(up=requested, down=sent, count=sendable)
    fifo(sink=beats, source=waiting, depth=2 * burst, occupancy=occupancy)
    unused(beats.ready)  # ``fits`` says so before
    fifo(sink=closed, source=request, depth=REQUEST_QUEUE)
    sticky_error(valid=port.sink_b.valid, ready=port.sink_b.ready, resp=port.sink_b.resp, error=status.error)


@entity(outputs=("joins", "closes"))
def gathering(held, valid, room, address, following, low, joins, closes):
    """The beat that comes (``valid``) ``joins`` the burst of the ``held`` one if its ``address`` is the ``following``
    one, whose ``low`` bits are 0 where a burst begins; if it does not, and there is ``room``, the burst ``closes``.
    Latency 0; an entity, so that synthesis makes it no deeper than it is."""

    @always_comb
    def compare():
        joins.next = held and valid and address == following and low != 0
        closes.next = held and room and not (valid and address == following and low != 0)


@block
def bursts(clk, rst, closes, answered, opens, under_way, none, most):
    """``under_way``: bursts that have closed and are not ``answered``, of ``most``; ``none``: there is none. ``opens``:
    in the next cycle another one may be, even if one closes in this one, and none is answered."""
    unanswered, closed_one = Signal(intbv(0, min=0, max=most + 1)), Signal(bool(0))
    last_place = most - 1
    # Counted a cycle late: whether one closes depends on addresses.
    up_down(up=closed_one, down=answered, count=unanswered)

    @always_seq(clk.posedge, reset=rst)
    def close():
        closed_one.next = closes

    @always_comb
    def add():
        under_way.next = unanswered + closed_one
        none.next = unanswered == 0 and not closed_one

    @always(clk.posedge)
    def measure():
        if closes and not answered:
            opens.next = under_way < last_place
        elif answered and not closes:
            opens.next = True
        else:
            opens.next = rst or under_way < most
