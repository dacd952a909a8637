"""Small designs that the simulation tests run through every backend."""

from itertools import pairwise

from myhdl import Signal, always, always_comb, always_seq, block, intbv

from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.stream import halt_when
from myhdl_acc.hdl.wiring import wire


@entity
def register_stage(clk, rst, sink, source):
    """One pipeline register for a stream with the fields data and last; latency 1, ready is combinational."""

    @always_comb
    def accept():
        sink.ready.next = source.ready or not source.valid

    @always_seq(clk.posedge, reset=rst)
    def register():
        if source.ready or not source.valid:
            source.valid.next = sink.valid
            source.data.next = sink.data
            source.last.next = sink.last

    return accept, register


@entity
def chain(clk, rst, sink, source, stages):
    """``stages`` register stages in a row, each an entity of its own."""
    hops = [sink, *(sink.like() for _ in range(stages - 1)), source]
    return [register_stage(clk, rst, a, b) for a, b in pairwise(hops)]


@entity
def forgetful(clk, rst, sink, source):
    """Breaks the second transfer rule: offers every word for one cycle only."""

    @always_comb
    def accept():
        sink.ready.next = source.ready or not rst

    @always_seq(clk.posedge, reset=rst)
    def register():
        source.valid.next = sink.valid
        source.data.next = sink.data
        source.last.next = sink.last

    return accept, register


@entity(outputs=("total",))
def counted(clk, rst, sink, step, total):
    """Adds ``step`` to ``total`` with every word that is not zero."""

    @always_comb
    def accept():
        sink.ready.next = not rst

    @always_seq(clk.posedge, reset=rst)
    def count():
        if sink.valid and sink.data != 0:
            total.next = total + step

    return accept, count


@block
def any_register_stage(clk, rst, sink, source):
    """register_stage for any fields."""
    take = Signal(bool(0))

    @always_comb
    def accept():
        sink.ready.next = source.ready or not source.valid
        take.next = source.ready or not source.valid

    @always_seq(clk.posedge, reset=rst)
    def hold():
        if take:
            source.valid.next = sink.valid

    fields = zip(sink.payload().values(), source.payload().values(), strict=True)
    return accept, hold, [enabled_register(clk, take, d, q) for d, q in fields]


@block
def enabled_register(clk, enable, d, q):
    @always(clk.posedge)
    def load():
        if enable:
            q.next = d

    return load


@entity
def crossing(clk, rst, sink, source):
    """A bundle of register stages."""
    return [any_register_stage(clk, rst, a, b) for a, b in zip(sink, source, strict=True)]


@entity
def uninitialised(clk, rst, sink, source):
    """Gives out the bits of a register that nothing ever loads."""
    never = Signal(bool(0))
    stale = Signal(intbv(0)[9:])

    @always_comb
    def accept():
        sink.ready.next = source.ready or not source.valid
        source.data.next = stale
        never.next = False

    @always(clk.posedge)
    def remember():
        if never:
            stale.next = sink.data

    @always_seq(clk.posedge, reset=rst)
    def register():
        if source.ready or not source.valid:
            source.valid.next = sink.valid
            source.last.next = sink.last

    return accept, remember, register


@entity
def ring(clk, rst, sink, source):
    """Without a register between them, two signals ask each other for the opposite while the data's bit 0 is 0."""
    awake, p, q = Signal(bool(0)), Signal(bool(0)), Signal(bool(0))

    @always_seq(clk.posedge, reset=rst)
    def wake():
        awake.next = True

    @always_comb
    def first():
        if q:
            p.next = sink.data[0]
        else:
            p.next = True

    wire(p, q)

    @always_comb
    def handshake():
        source.valid.next = sink.valid and awake
        sink.ready.next = source.ready and awake
        source.data.next = sink.data
        source.last.next = q and not sink.last


@entity
def hunting_clock(clk, rst, sink, source):
    """No combinational loop, but registers make the edges of their own clock, as soon as reset ends."""
    awake, tick, up, down = (Signal(bool(0)) for _ in range(4))

    @always_seq(clk.posedge, reset=rst)
    def wake():
        awake.next = True

    @always_comb
    def clocking():
        if awake:
            tick.next = up != down
        else:
            tick.next = clk

    @always(tick.posedge)
    def rise():
        up.next = awake and not up

    @always(tick.negedge)
    def fall():
        down.next = awake and not down

    @always_comb
    def handshake():
        source.valid.next = sink.valid
        sink.ready.next = source.ready
        source.data.next = sink.data
        source.last.next = sink.last


@entity
def around(clk, rst, sink, source):
    """A loop through two entities: the first gate is shut while a word is offered behind the second."""
    between = sink.like()
    halt_when(sink=sink, source=between, condition=source.valid)
    halt_when(sink=between, source=source, condition=sink.last)


@entity
def overflowing(clk, rst, sink, source):
    """Counts words beyond what its counter can hold."""
    count = Signal(intbv(0, min=0, max=3))

    @always_seq(clk.posedge, reset=rst)
    def register():
        if sink.valid and source.ready:
            count.next = count + 1

    @always_comb
    def handshake():
        source.valid.next = sink.valid
        sink.ready.next = source.ready
        source.data.next = sink.data
        source.last.next = count == 1 and not sink.last

    return register, handshake
