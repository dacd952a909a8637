"""Queues of any depth."""

from myhdl import Signal, always, always_comb, always_seq, block, intbv

from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.counter import up_down
from myhdl_acc.hdl.ram import ram
from myhdl_acc.hdl.wiring import choose, matching_fields, pass_through, register, type_of, unused

REGISTERED_READ_DEPTH = 33  #: from this depth on, words lie in memory with a registered read (block or UltraRAM)


@block
def ram_asynchronous_read(clk, write, write_address, read_address, d, q, depth):
    """A memory of ``depth`` words whose read is combinational (LUT RAM)."""
    words = [Signal(type_of(d)) for _ in range(depth)]

    @always(clk.posedge)
    def store():
        if write:
            words[write_address].next = d

    @always_comb
    def read():
        q.next = words[read_address]


@block
def ring_pointer(clk, rst, advance, pointer, depth):
    """Counts modulo ``depth`` at each rising edge with ``advance`` high."""
    final = depth - 1

    @always_seq(clk.posedge, reset=rst)
    def step():
        if advance:
            if pointer == final:
                pointer.next = 0
            else:
                pointer.next = pointer + 1


@block
def no_words(clk, occupancy):
    """The occupancy of a queue without storage."""

    @always(clk.posedge)
    def clear():
        occupancy.next = 0


@block
def shallow_queue(clk, rst, sink, source, level, depth):
    """A queue whose head is read combinationally from LUT RAM. Both handshakes come from registers."""
    pushed, popped, full, filled, one, almost = (Signal(bool(0)) for _ in range(6))
    write_address, read_address = (Signal(intbv(0, min=0, max=max(2, depth))) for _ in range(2))
    before_full = depth - 1

    @always_comb
    def look():
        one.next = level == 1
        almost.next = level == before_full

    @always_seq(clk.posedge, reset=rst)
    def state():  # a level of logic behind what is known late
        full.next = not popped and (full or (pushed and almost))
        filled.next = pushed or (filled and not (popped and one))

    @always_comb
    def handshake():
        sink.ready.next = not full
        source.valid.next = filled
        pushed.next = sink.valid and not full
        popped.next = source.ready and filled

    up_down(up=pushed, down=popped, count=level)
    ring_pointer(advance=pushed, pointer=write_address, depth=depth)
    ring_pointer(advance=popped, pointer=read_address, depth=depth)
    for d, q in matching_fields(sink, source):
        ram_asynchronous_read(
            write=pushed, write_address=write_address, read_address=read_address, d=d, q=q, depth=depth
        )


@block
def pair_queue(clk, rst, sink, source, level, depth):
    """A queue of two words whose head is a register: it is there at once, without the read of a memory."""
    pushed, popped, full, filled, room, load = (Signal(bool(0)) for _ in range(6))

    @always_seq(clk.posedge, reset=rst)
    def state():  # a level of logic behind what is known late
        full.next = filled and not popped and (full or pushed)
        filled.next = pushed or full or (filled and not popped)

    @always_comb
    def handshake():
        room.next = not full
        load.next = source.ready or not filled
        sink.ready.next = not full
        source.valid.next = filled
        pushed.next = sink.valid and not full
        popped.next = source.ready and filled

    up_down(up=pushed, down=popped, count=level)
    for d, q in matching_fields(sink, source):
        second, following = Signal(type_of(d)), Signal(type_of(d))
        register(load=room, d=d, q=second)
        choose(full, second, d, following)
        register(load=load, d=following, q=q)


@block
def deep_queue(clk, rst, sink, source, level, depth):
    """A queue in memory: the head word is fetched, and a cycle later it is in the memory's output register.

    A fetch never meets a write to the same address: the addresses are equal only if nothing is stored (no fetch)
    or everything is (no write).
    """
    pushed, popped, full, some, one, fetched, fetch, shown, move = (Signal(bool(0)) for _ in range(9))
    stored = Signal(intbv(0, min=0, max=depth + 1))  # words in the memory that are not fetched
    write_address, read_address = (Signal(intbv(0, min=0, max=depth)) for _ in range(2))

    @always_comb
    def state():
        full.next = level == depth
        move.next = source.ready or not shown
        fetch.next = some and (source.ready or not shown or not fetched)
        one.next = stored == 1

    @always_comb
    def handshake():
        sink.ready.next = not full
        source.valid.next = shown
        pushed.next = sink.valid and not full
        popped.next = source.ready and shown

    @always_seq(clk.posedge, reset=rst)
    def state_of_memory():  # as in shallow_queue
        some.next = pushed or (some and not (fetch and one))

    @always_seq(clk.posedge, reset=rst)
    def head():
        if move:
            shown.next = fetched
        if fetch:
            fetched.next = True
        elif move:
            fetched.next = False

    up_down(up=pushed, down=popped, count=level)
    up_down(up=pushed, down=fetch, count=stored)
    ring_pointer(advance=pushed, pointer=write_address, depth=depth)
    ring_pointer(advance=fetch, pointer=read_address, depth=depth)
    for d, q in matching_fields(sink, source):
        word = Signal(type_of(d))
        ram(
            write=pushed,
            write_address=write_address,
            data=d,
            read=fetch,
            read_address=read_address,
            word=word,
            depth=depth,
        )
        register(load=move, d=word, q=q)


@block
def report(level, occupancy):
    """Shows the fill level at a port."""

    @always_comb
    def copy():
        occupancy.next = level


@entity(outputs=("occupancy",))
def fifo(clk, rst, sink, source, depth, occupancy=None):
    """A queue that holds exactly ``depth`` words (SpinalHDL ``StreamFifo``).

    sink, source: streams of the same fields. occupancy: an unsigned ``intbv`` signal that can hold ``depth``, or None;
    the number of words inside, those taken or given in this cycle not yet counted.

    ======  ========  =====================================  =====================================================
    depth   latency   throughput                             made of
    ======  ========  =====================================  =====================================================
    0       0         a word per cycle                       wires
    1       1         a word every second cycle              registers
    2       1         a word per cycle                       registers
    3-32    1         a word per cycle                       LUT RAM, one memory per field
    33-     3         a word per cycle                       block RAM or UltraRAM, one memory per field
    ======  ========  =====================================  =====================================================

    For a depth of 1 or more both paths are registered: ``sink.ready`` means "not full" and does not look at
    ``source.ready``. Raises ValueError for a negative depth and for an ``occupancy`` that cannot hold the depth.
    """
    if depth < 0:
        raise ValueError(f"fifo depth {depth}: it must be 0 or more")
    if occupancy is not None and (isinstance(occupancy.val, bool) or occupancy.min < 0 or occupancy.max <= depth):
        raise ValueError(f"fifo depth {depth} needs an occupancy signal of intbv(0, min=0, max={max(2, depth + 1)})")
    if depth == 0:
        unused(clk, rst)
        reports = [] if occupancy is None else [no_words(clk, occupancy)]
        return pass_through(sink, source), reports
    level = Signal(intbv(0, min=0, max=depth + 1) if occupancy is None else type_of(occupancy))
    queue = pair_queue if depth == 2 else shallow_queue if depth < REGISTERED_READ_DEPTH else deep_queue
    reports = [] if occupancy is None else [report(level, occupancy)]
    return queue(clk, rst, sink, source, level, depth), reports
