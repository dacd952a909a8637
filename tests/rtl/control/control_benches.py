"""The blocks of control between streams, so that every simulator can drive them."""

from myhdl import ResetSignal, Signal, always, always_comb, always_seq, block, intbv

from golden.layout import WORD
from myhdl_acc.hdl.circuit import domain
from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.delay import delay_reset
from myhdl_acc.hdl.record import Record
from myhdl_acc.hdl.stream import Array, Stream
from myhdl_acc.hdl.wiring import unused
from myhdl_acc.rtl.control import records
from myhdl_acc.rtl.control.activation_buffer import activation_buffer, word_address_bits
from myhdl_acc.rtl.control.controller import controller
from myhdl_acc.rtl.control.counters import LATENCY as COUNTERS_LATENCY
from myhdl_acc.rtl.control.counters import counters
from myhdl_acc.rtl.control.counting_semaphore import counting_semaphore
from myhdl_acc.rtl.control.dispatch import dispatch
from myhdl_acc.rtl.control.fetch import fetch
from myhdl_acc.rtl.control.instruction_check import instruction_check
from myhdl_acc.rtl.control.load_unit import buffer_found, buffer_look, load_unit
from myhdl_acc.rtl.engine.command import load_stream
from myhdl_acc.rtl.vector.unit import records as vector_records
from myhdl_acc.simulate import Design, clock, reset

MEMORY_BEATS = 256


def index_bits(config):
    """Bits of ``index``: groups of ``lanes`` elements in the whole buffer."""
    groups = config.activation_words * WORD // config.lanes
    return max(1, (groups - 1).bit_length())


@block
def program_memory(clk, rst, sink_store, sink, source, sink_result, sink_peek, source_peek, slow):
    """Answers read commands with a beat per cycle, or with pauses while ``slow`` is high; filled by ``sink_store``, and
    by ``sink_result`` meanwhile. ``sink_peek``: addresses whose words leave at ``source_peek``."""
    words = [Signal(intbv(0)[len(sink_store.data) :]) for _ in range(MEMORY_BEATS)]
    address, left = Signal(intbv(0)[32:]), Signal(intbv(0)[32:])
    noise = Signal(intbv(1)[16:])
    more, result_ready = Signal(bool(0)), Signal(bool(0))

    @always_comb
    def handshake():
        sink_store.ready.next = True
        sink.ready.next = left == 0
        more.next = left != 0 and (not slow or noise[3:] == 5) and (source.ready or not source.valid)
        result_ready.next = not sink_store.valid and (not slow or noise[2:] == 1)
        sink_peek.ready.next = source_peek.ready
        source_peek.valid.next = sink_peek.valid

    @always_comb
    def accept():
        sink_result.ready.next = result_ready

    @always_comb
    def look():
        source_peek.data.next = words[sink_peek.address]

    @always(clk.posedge)
    def access():
        if sink_store.valid:
            words[sink_store.address].next = sink_store.data
        elif sink_result.valid and result_ready:
            words[sink_result.address[8:]].next = sink_result.data
        if more:
            source.data.next = words[address[8:]]

    @always_seq(clk.posedge, reset=rst)
    def serve():
        noise.next[16:1] = noise[15:]
        noise.next[0] = noise[15] ^ noise[13] ^ noise[12] ^ noise[10]
        if left == 0 and sink.valid:
            address.next = sink.address
            left.next = sink.beats
        elif more:
            address.next = address + 1
            left.next = left - 1
        if more:
            source.valid.next = True
        elif source.ready:
            source.valid.next = False


_SAMPLING = ("temperatures", "positions", "seeds_low", "seeds_high")
_PROBES = ("interrupt_request", "base_low", "base_high", *_SAMPLING, "halt", "unit_reset")


@entity(outputs=(*_PROBES, "running", "asked", "moved"))
def controller_bench(
    clk,
    rst,
    sink_store,
    sink_peek,
    source_peek,
    sink_aw,
    sink_w,
    source_b,
    sink_ar,
    source_r,
    interrupt_request,
    base_low,
    base_high,
    temperatures,
    positions,
    seeds_low,
    seeds_high,
    source_read,
    source_engine,
    source_load,
    source_vector,
    read_idle,
    engine_idle,
    load_idle,
    vector_idle,
    write_idle,
    activity,
    read_error,
    write_error,
    engine_error,
    transactions_open,
    halt,
    unit_reset,
    running,
    token,
    state,
    beat,
    slow,
    hard_reset,
    closed,
    asked,
    moved,
    config,
):
    """The controller with a memory that holds the program, the prompt and the results.

    ``hard_reset`` is or-ed to ``rst``; ``asked`` counts the beats that fetch asked for, ``moved`` shows that it takes
    one. While ``closed`` is high nothing is offered at the units' queues, so that a reset does not withdraw a word that
    somebody has seen. ``base_low``, ``base_high``, ``seeds_low``, ``seeds_high``: halves of the pointers and the
    seeds.
    """
    base = Array("ch", [Signal(intbv(0)[64:]) for _ in range(config.lanes)])
    all_rst = ResetSignal(0, active=1, isasync=False)
    memory = records.memory(config)
    command, beats = memory.source_command, memory.sink_beat
    seeds = vector_records.sampling(config).seeds
    total, inner_reset = Signal(intbv(0)[32:]), Signal(bool(0))
    outer = (source_read, source_engine, source_load, source_vector)
    inner = [stream.like() for stream in outer]

    @always_comb
    def resets():
        all_rst.next = rst or hard_reset
        unit_reset.next = inner_reset or closed

    @always_seq(clk.posedge, reset=rst)
    def count():
        if command.valid and command.ready:
            total.next = total + command.beats

    @always_comb
    def show():
        asked.next = total
        moved.next = beats.valid and beats.ready

    names = ("read", "engine", "load", "vector", "write")
    idle = Record(**dict(zip(names, (read_idle, engine_idle, load_idle, vector_idle, write_idle), strict=True)))
    error = Record(read=read_error, write=write_error, engine=engine_error)
    with domain(rst=all_rst):
        controller(
            bus=Record(sink_aw=sink_aw, sink_w=sink_w, source_b=source_b, sink_ar=sink_ar, source_r=source_r),
            memory=memory,
            units=Record(**{f"source_{name}": stream for name, stream in zip(names, inner, strict=False)}),
            outside=Record(idle=idle, error=error, activity=activity, transactions_open=transactions_open),
            orders=Record(halt=halt, running=running, interrupt_request=interrupt_request),
            base=base,
            sampling=Record(temperatures=temperatures, seeds=seeds, positions=positions),
            unit_reset=inner_reset,
            watched=Record(token=token, state=state, beat=beat),
            config=config,
        )
    for sink, source in zip(inner, outer, strict=True):
        gate(closed, sink, source)
    for seed, low, high in zip(seeds, seeds_low, seeds_high, strict=True):
        halve(seed, low, high)
    for pointer, low, high in zip(base, base_low, base_high, strict=True):
        halve(pointer, low, high)
    program_memory(
        sink_store=sink_store, sink=command, source=beats, sink_result=memory.source_result, sink_peek=sink_peek,
        source_peek=source_peek, slow=slow,
    )  # fmt: skip


@block
def halve(pointer, low, high):
    @always_comb
    def split():
        low.next = pointer[32:]
        high.next = pointer[:32]

    return split


@block
def gate(closed, sink, source):
    @always_comb
    def connect():
        source.valid.next = sink.valid and not closed
        sink.ready.next = source.ready and not closed
        source.word.next = sink.word

    return connect


def controller_ports(config):
    """Arguments for controller() by name, without clock and reset."""
    return {
        "bus": records.axi_lite(),
        "memory": records.memory(config),
        "units": records.units(),
        "outside": records.outside(),
        "orders": records.orders(),
        "base": Array("ch", [Signal(intbv(0)[64:]) for _ in range(config.lanes)]),
        "sampling": vector_records.sampling(config),
        "unit_reset": Signal(bool(0)),
        "watched": records.watched(config),
        "config": config,
    }


def controller_design(config):
    ports = controller_ports(config)
    outside = ports["outside"]
    ports |= ports["bus"].members() | ports["units"].members() | ports["orders"].members() | ports["watched"].members()
    ports |= {f"{name}_idle": signal for name, signal in outside.idle.members().items()}
    ports |= {f"{name}_error": signal for name, signal in outside.error.members().items()}
    ports |= {"activity": outside.activity, "transactions_open": outside.transactions_open}
    for name in ("bus", "memory", "units", "outside", "orders", "base", "sampling", "watched"):
        del ports[name]
    return Design(
        controller_bench,
        clk=clock(),
        rst=reset(),
        sink_store=Stream(address=8, data=config.beat_bits),
        sink_peek=Stream(address=8),
        source_peek=Stream(data=config.beat_bits),
        slow=Signal(bool(0)),
        hard_reset=Signal(bool(0)),
        closed=Signal(bool(0)),
        base_low=Array("lane", [Signal(intbv(0)[32:]) for _ in range(config.lanes)]),
        base_high=Array("lane", [Signal(intbv(0)[32:]) for _ in range(config.lanes)]),
        **vector_records.sampling(config).only("temperatures", "positions").members(),
        seeds_low=Array("row", [Signal(intbv(0)[32:]) for _ in range(config.rows)]),
        seeds_high=Array("row", [Signal(intbv(0)[32:]) for _ in range(config.rows)]),
        asked=Signal(intbv(0)[32:]),
        moved=Signal(bool(0)),
        **ports,
    )


@entity
def fetch_bench(clk, rst, sink_start, source_fetch, sink_fetch, source, config):
    """sink_start: ``program_address`` and ``instructions``, when the program before has been fetched."""
    start, stop, busy = (Signal(bool(0)) for _ in range(3))

    @always_comb
    def begin():
        stop.next = False
        start.next = sink_start.valid and not busy
        sink_start.ready.next = not busy

    return begin, fetch(
        clk, rst, start, stop, sink_start.address, sink_start.instructions, source_fetch, sink_fetch, source, busy,
        config,
    )  # fmt: skip


def fetch_design(config):
    return Design(
        fetch_bench,
        clk=clock(),
        rst=reset(),
        sink_start=Stream(address=32, instructions=32),
        source_fetch=Stream(address=32, beats=32),
        sink_fetch=Stream(data=config.beat_bits),
        source=Stream(word=256),
        config=config,
    )


@entity
def semaphore_bench(clk, rst, sink, source):
    """Gives and takes of one cycle each; ``source`` shows ``available`` in that cycle."""
    give, take, available = (Signal(bool(0)) for _ in range(3))

    @always_comb
    def connect():
        sink.ready.next = source.ready
        source.valid.next = sink.valid
        give.next = sink.valid and source.ready and sink.give
        take.next = sink.valid and source.ready and sink.take
        source.available.next = available

    return connect, counting_semaphore(clk, rst, give, take, available)


@entity(outputs=("cycles",))
def counters_bench(clk, rst, sink, sink_read, source, cycles, lanes):
    """sink: ``state``, ``beat`` (the lanes' in a row) and ``clear`` of one counted cycle; sink_read: addresses, whose
    words leave at ``source``."""
    unused(source.ready, sink.state, sink.beat)
    states = Array("lane", [Signal(intbv(0)[3:]) for _ in range(lanes)])
    beats = Array("lane", [Signal(bool(0)) for _ in range(lanes)])
    count, clear = Signal(bool(0)), Signal(bool(0))
    asked, answered = Signal(intbv(0)[1:]), Signal(intbv(0)[1:])

    @always_comb
    def connect():
        sink.ready.next = True
        sink_read.ready.next = True
        count.next = sink.valid and not sink.clear
        clear.next = sink.valid and sink.clear
        source.valid.next = answered[0]

    @always_comb
    def ask():
        if sink_read.valid:
            asked.next = 1
        else:
            asked.next = 0

    return (
        connect,
        ask,
        delay_reset(clk, rst, asked, answered, COUNTERS_LATENCY),
        [lane_view(sink, states[lane], beats[lane], lane) for lane in range(lanes)],
        counters(clk, rst, clear, count, states, beats, sink_read.address, source.word, cycles),
    )


@block
def lane_view(sink, state, beat, lane):
    first, last = 3 * lane, 3 * lane + 3

    @always_comb
    def view():
        state.next = sink.state[last:first]
        beat.next = sink.beat[lane]

    return view


@entity
def activation_buffer_bench(clk, rst, sink_write, sink_read, source, config):
    """sink_write: ``index`` and ``data``; sink_read: addresses, whose words leave at ``source`` two cycles later."""
    fetched, shown, read, advance = (Signal(bool(0)) for _ in range(4))

    @always_comb
    def connect():
        sink_write.ready.next = True
        sink_read.ready.next = source.ready or not shown
        advance.next = source.ready or not shown
        read.next = sink_read.valid and (source.ready or not shown)
        source.valid.next = shown

    @always_seq(clk.posedge, reset=rst)
    def hold():
        if advance:
            fetched.next = sink_read.valid
            shown.next = fetched

    activation_buffer(
        write=sink_write.valid,
        index=sink_write.index,
        data=sink_write.data,
        read=read,
        read_address=sink_read.address,
        advance=advance,
        word=source.word,
        config=config,
    )


def activation_buffer_design(config):
    return Design(
        activation_buffer_bench,
        clk=clock(),
        rst=reset(),
        sink_write=Stream(index=index_bits(config), data=8 * config.lanes * config.rows),
        sink_read=Stream(address=word_address_bits(config)),
        source=Stream(word=256 * config.rows),
        config=config,
    )


TABLE_BITS = 6  #: of an entry's number in the bench's table


@entity(outputs=("idle",))
def load_unit_bench(clk, rst, sink, sink_write, sink_table, sink_post, source, idle, config):
    """The load unit with its buffer, a table and a semaphore. sink_post: tokens for ``wait``."""
    memory = [Signal(intbv(0)[32 * config.rows :]) for _ in range(1 << TABLE_BITS)]
    available, take = (Signal(bool(0)) for _ in range(2))
    look, found = buffer_look(config), buffer_found(config)

    @always(clk.posedge)
    def look_up():
        if sink_table.valid:
            memory[sink_table.entry].next = sink_table.word
        found.parameters.next = memory[look.entry[TABLE_BITS:]]

    @always_comb
    def connect():
        sink_write.ready.next = True
        sink_table.ready.next = True
        sink_post.ready.next = not rst

    return (
        look_up,
        connect,
        activation_buffer(
            clk,
            sink_write.valid,
            sink_write.index,
            sink_write.data,
            look.read,
            look.address,
            look.advance,
            found.word,
            config,
        ),
        counting_semaphore(clk, rst, sink_post.valid, take, available),
        load_unit(clk, rst, sink, source, available, take, look, found, idle, config),
    )


def load_unit_design(config):
    return Design(
        load_unit_bench,
        clk=clock(),
        rst=reset(),
        sink=Stream(word=256),
        sink_write=Stream(index=index_bits(config), data=8 * config.lanes * config.rows),
        sink_table=Stream(entry=TABLE_BITS, word=32 * config.rows),
        sink_post=Stream(),
        source=load_stream(config),
        idle=Signal(bool(0)),
        config=config,
    )


@entity
def instruction_check_bench(clk, rst, sink, source):
    """Whether each word of sink is ``illegal``."""
    unused(clk, rst)

    @always_comb
    def connect():
        sink.ready.next = source.ready
        source.valid.next = sink.valid

    return connect, instruction_check(sink.word, source.illegal)


def dispatch_step():
    """What dispatch is told in a cycle, but for its words."""
    return Record(
        start=1, ended=1, illegal=1, overrun=1, unit=3, fetching=1, told=1, busy=5, activity=1, read_error=1,
        write_error=1, engine_error=1,
    )  # fmt: skip


def dispatch_answer():
    """What dispatch says in a cycle."""
    return Record(**records.progress().members(), **records.outcome().members())


@entity
def dispatch_bench(clk, rst, sink, sink_step, units, source_step, watchdog):
    """dispatch, with a word of sink_step (dispatch_step) and one of source_step (dispatch_answer) for each cycle."""
    unused(source_step.ready)
    answer = Record(**source_step.payload())
    start = Signal(bool(0))
    walked, seen = Record(ended=1, illegal=1, overrun=1, unit=3), records.seen()

    @always_comb
    def connect():
        sink_step.ready.next = True
        source_step.valid.next = sink_step.valid
        start.next = sink_step.valid and sink_step.start

    @always_comb
    def program():
        walked.ended.next = sink_step.valid and sink_step.ended
        walked.illegal.next = sink_step.valid and sink_step.illegal
        walked.overrun.next = sink_step.valid and sink_step.overrun
        walked.unit.next = sink_step.unit

    @always_comb
    def see():
        seen.fetching.next = sink_step.fetching
        seen.told.next = sink_step.told
        seen.busy.next = sink_step.busy
        seen.activity.next = sink_step.activity
        seen.error.read.next = sink_step.valid and sink_step.read_error
        seen.error.write.next = sink_step.valid and sink_step.write_error
        seen.error.engine.next = sink_step.valid and sink_step.engine_error

    dispatch(
        sink=sink, units=units, start=start, watchdog=watchdog, walked=walked, seen=seen,
        progress=answer.only(*records.progress().members()), outcome=answer.only(*records.outcome().members()),
    )  # fmt: skip


def dispatch_design():
    return Design(
        dispatch_bench, clk=clock(), rst=reset(), sink=Stream(word=256), sink_step=Stream(**dispatch_step().members()),
        units=records.units(), source_step=Stream(**dispatch_answer().members()), watchdog=Signal(intbv(0)[32:]),
    )  # fmt: skip
