"""Turns read commands into AXI bursts, ahead of the data."""

from myhdl import Signal, always, always_comb, block, concat, intbv, modbv

from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.counter import up_down
from myhdl_acc.hdl.wiring import unused
from myhdl_acc.rtl.memory.channels import PAGE, beat_shift
from myhdl_acc.rtl.memory.sticky_error import sticky_error

#: Cycles from a command's transfer to its first burst's request being offered.
LATENCY = 2

#: Bursts that a reader has under way at most, unless told otherwise.
OUTSTANDING = 32


@entity(outputs=("status",))
def axi_reader(clk, rst, sink_command, port, source_beat, base, taken, status, depth, burst, outstanding=OUTSTANDING):
    """Read ``beats`` beats from beat address ``address`` for each command, in order, without a pause between commands.

    sink_command, port (channels.read_port): see channels. ``base``: byte address of beat address 0, 64 bits, a multiple
    of 4096 (its lower bits are not looked at); it stands still from the cycle before a command on. Bursts end at
    multiples of ``burst`` beats (a power of two from 2 to 64, at most a page), so none crosses a 4 KB boundary. A burst
    is requested only while ``burst`` of the ``depth`` places of the queue behind ``source_beat`` are not spoken for;
    ``taken`` is high in each cycle in which a beat leaves that queue. Up to ``outstanding`` bursts are under way. A
    command of no beats does nothing.

    Latency: LATENCY cycles to the first request, 0 from ``sink_r`` to ``source_beat``. A burst per cycle, a beat per
    cycle. ``status.idle``: no command is left and every requested beat has come. ``status.error``: the first response
    code that was not OKAY, until reset; the beat is passed on as if nothing had happened. Raises ValueError for a
    ``burst`` that is not possible.
    """
    beat_bits = len(source_beat.data)
    shift = beat_shift(beat_bits)
    if burst & (burst - 1) or not 2 <= burst <= min(64, PAGE * 8 // beat_bits, depth):
        raise ValueError(f"axi_reader: a burst of {burst} beats of {beat_bits} bits in {depth} places is not possible")
    block_bits = burst.bit_length() - 1  # of the beat's position within its burst-aligned block
    unused(base)

    active, start, go, arrived = (Signal(bool(0)) for _ in range(4))
    # Registers, as all depends on these: the next burst is the command's last, there is room for it, it may be opened.
    ends, fits, opens = (Signal(bool(0)) for _ in range(3))
    last_place = outstanding - 1
    # The next burst's beat, counted from ``base`` without its higher bits; the top bit is the carry into these.
    position, left = Signal(modbv(0)[33:]), Signal(intbv(0)[32:])
    size = Signal(intbv(0, min=0, max=burst + 1))
    credit = Signal(intbv(depth, min=0, max=depth + 1))
    credit_after = Signal(modbv(0)[len(credit) :])  # the burst
    under_way = Signal(intbv(0, min=0, max=outstanding + 1))
    offered = Signal(bool(0))
    to_boundary, first_size = (Signal(intbv(0, min=0, max=burst + 1)) for _ in range(2))
    reach = Signal(intbv(0, min=0, max=2 * burst + 1))  # the beats of two bursts
    low_bits = 32 + shift  # of an address: those that beat addresses reach
    in_page_bits = PAGE.bit_length() - 1 - shift
    page = Signal(intbv(0)[32 - in_page_bits :])
    request(go=go, base=base, position=position, size=size, source_ar=port.source_ar, shift=shift)

    @always_comb
    def cut():
        if ends:
            size.next = left[len(size) :]
        else:
            size.next = to_boundary

    @always_comb
    def look_ahead():
        reach.next = to_boundary + burst
        first_size.next = burst - sink_command.address[block_bits:]

    @always_comb
    def decide():
        go.next = active and fits and opens and (port.source_ar.ready or not offered)

    @always_comb
    def handshake():
        sink_command.ready.next = not active or (go and ends)
        start.next = sink_command.valid and (not active or (go and ends))
        port.source_ar.valid.next = offered
        arrived.next = port.sink_r.valid and source_beat.ready and port.sink_r.last

    @always(clk.posedge)
    def command():
        if rst:
            active.next = False
        elif start:
            active.next = sink_command.beats != 0
        elif go and ends:
            active.next = False

    @always(clk.posedge)
    def advance():
        # ``go`` alone is known late. What is loaded while no command comes means nothing.
        if not active or (go and ends):
            position.next = (page << in_page_bits) + sink_command.address
            left.next = sink_command.beats
            to_boundary.next = first_size
            ends.next = sink_command.beats <= first_size
        elif go:
            position.next = position + size
            left.next = left - size
            to_boundary.next = burst
            ends.next = left <= reach

    @always_comb
    def locate():
        page.next = base[low_bits : shift + in_page_bits]

    @always(clk.posedge)
    def offer():
        if rst:
            offered.next = False
        elif go:
            offered.next = True
        elif port.source_ar.ready:
            offered.next = False

    @always(clk.posedge)
    def room():
        if rst:
            credit.next = depth
        elif go and taken:
            credit.next = credit_after + 1
        elif go:
            credit.next = credit_after
        elif taken:
            credit.next = credit + 1

    @always_comb
    def spend():
        credit_after.next = credit - size

    @always(clk.posedge)
    def judge():
        if rst:
            fits.next = True
        elif go:
            fits.next = credit_after >= burst or (taken and credit_after == burst - 1)
        else:
            fits.next = credit >= burst or (taken and credit == burst - 1)
        if rst or (arrived and not go):
            opens.next = True
        elif go and not arrived:
            opens.next = under_way != last_place
        else:
            opens.next = under_way != outstanding

    up_down(up=go, down=arrived, count=under_way)

    @always_comb
    def pass_on():
        source_beat.valid.next = port.sink_r.valid
        port.sink_r.ready.next = source_beat.ready
        source_beat.data.next = port.sink_r.data

    @always_comb
    def rest():
        status.idle.next = not active and under_way == 0

    sticky_error(valid=port.sink_r.valid, ready=source_beat.ready, resp=port.sink_r.resp, error=status.error)


@block
def request(clk, go, base, position, size, source_ar, shift):
    """At ``go`` the address and length of a burst: ``size`` beats from beat ``position`` on, counted from ``base``
    without the bits above those that beat addresses reach; ``position``'s top bit is the carry into these."""
    low_bits = 32 + shift
    low, next_high = Signal(intbv(0)[low_bits:]), Signal(modbv(0)[64 - low_bits :])

    @always(clk.posedge)
    def carry_on():
        next_high.next = base[64:low_bits] + 1

    @always_comb
    def within_reach():
        low.next = position[32:] << shift

    @always(clk.posedge)
    def ask():
        if go:
            if position[32]:
                source_ar.address.next = concat(next_high, low)
            else:
                source_ar.address.next = concat(base[64:low_bits], low)
            source_ar.length.next = size - 1
