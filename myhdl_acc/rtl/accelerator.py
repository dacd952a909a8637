"""The accelerator: registers and memory ports outside, everything that decodes a token inside."""

from myhdl import ResetSignal, Signal, always, always_comb, always_seq, block, intbv

from myhdl_acc.hdl.circuit import domain
from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.counter import up_down
from myhdl_acc.hdl.record import Array, Record, bits
from myhdl_acc.hdl.wiring import unused, vector, wire
from myhdl_acc.rtl.control import records
from myhdl_acc.rtl.control.activation_buffer import activation_buffer
from myhdl_acc.rtl.control.controller import controller
from myhdl_acc.rtl.control.counting_semaphore import counting_semaphore
from myhdl_acc.rtl.control.engine_issue import engine_issue
from myhdl_acc.rtl.control.load_unit import buffer_found, buffer_look, load_unit
from myhdl_acc.rtl.control.read_issue import read_issue
from myhdl_acc.rtl.engine.command import (
    beat_stream,
    command_stream,
    load_stream,
    result_stream,
    weights_stream,
    write_stream,
)
from myhdl_acc.rtl.engine.engine import engine
from myhdl_acc.rtl.memory.channels import (
    read_channel,
    read_command_stream,
    read_port,
    request_channel,
    response_channel,
    status,
    write_channel,
)
from myhdl_acc.rtl.memory.lane_memory import lane_memory
from myhdl_acc.rtl.memory.port_guard import port_guard
from myhdl_acc.rtl.memory.program_memory import program_memory
from myhdl_acc.rtl.vector.unit import records as vector_records
from myhdl_acc.rtl.vector.unit.vector_unit import vector_unit


@entity(outputs=("interrupt_request", "shown"))
def accelerator(
    clk,
    rst,
    control,
    source_ar,
    sink_r,
    source_aw,
    source_w,
    sink_b,
    interrupt_request,
    shown,
    config,
):
    """Runs the program in lane 0's memory after a start: a prompt, and the tokens that follow (docs/accelerator.md).

    ``control``: the AXI4-Lite channels of the registers, which give the start (docs/registers.md; records.axi_lite).
    ``source_ar``, ``sink_r``, ``source_aw``, ``source_w``, ``sink_b``: Arrays of AXI4 channels, a port for each lane
    (memory.channels). ``interrupt_request``: the interrupt line.

    ``shown``, for observation: ``running``; the lanes' ``state`` (sequencer.STATES); ``vector_op``, which is 0 while
    the vector unit has nothing to do, else its op code + 1.
    """
    lanes, rows = config.lanes, config.rows
    own = records.memory(config)  # what control reads and writes
    ops, outside, orders, watched = records.units(), records.outside(), records.orders(), records.watched(config)
    base = per_lane(lambda: Signal(intbv(0)[64:]), config)
    sampling = vector_records.sampling(config)
    unit_rst, unit_reset = ResetSignal(0, active=1, isasync=False), Signal(bool(0))
    controller(
        bus=control,
        memory=own,
        units=ops,
        outside=outside,
        orders=orders,
        base=base,
        sampling=sampling,
        unit_reset=unit_reset,
        watched=watched,
        config=config,
    )

    # What joins the lanes of the engine with memory and with the vector unit.
    reads, beats = per_lane(read_command_stream, config), per_lane(lambda: beat_stream(config), config)
    weights = per_lane(lambda: weights_stream(config), config)
    patches, logits = (per_lane(lambda: write_stream(config), config) for _ in range(2))
    command, load, result = command_stream(config), load_stream(config), result_stream(config)
    found, look = buffer_found(config), buffer_look(config)
    activation = Record(write=1, index=16, data=rows * lanes * 8)
    token = Signal(intbv(0)[rows * 32 :])
    idle = Record(read=1, engine=1, load=1, vector=1)  # a unit has nothing to begin; what it began may still run
    fetching = status()  # of the program's reader
    written = Record(post=1, available=1, take=1)  # what the load unit waits for
    with domain(rst=unit_rst):
        read_issue(sink=ops.source_read, source=reads, idle=idle.read)
        engine_issue(sink=ops.source_engine, source=command, idle=idle.engine)
        engine(
            sink_cmd=command,
            sink_load=load,
            sink_weights=weights,
            sink_beat=beats,
            source_write=patches,
            source_result=result,
            state=shown.state,
            error=outside.error.engine,
            config=config,
        )
        waiting = ops.source_load.s2m_pipe()  # whether the load unit takes one is known late
        load_unit(
            sink=waiting,
            source=load,
            available=written.available,
            take=written.take,
            look=look,
            found=found,
            idle=idle.load,
            config=config,
        )
        # That the vector unit waits reaches no lane in the same cycle.
        taken = result.s2m_pipe()
        vector_unit(
            sink_op=ops.source_vector,
            sink_result=taken,
            source_weights=weights,
            source_logits=logits,
            activation=activation,
            entry=bits(look.entry, 0, 8),
            entry_word=found.parameters,
            said=Record(token=token, post=written.post, idle=idle.vector, busy_op=shown.vector_op),
            sampling=sampling,
            config=config,
        )
        counting_semaphore(post=written.post, take=written.take, available=written.available)
    activation_buffer(
        write=activation.write,
        index=activation.index,
        data=activation.data,
        read=look.read,
        read_address=look.address,
        advance=look.advance,
        word=found.word,
        config=config,
    )

    seen = [lane_seen() for _ in range(lanes)]
    for i in range(lanes):
        reading = Record(source_ar=source_ar[i], sink_r=sink_r[i])
        writing = Record(source_aw=source_aw[i], source_w=source_w[i], sink_b=sink_b[i])
        links = Record(read=reads[i], beat=beats[i], patch=patches[i], logits=logits[i])
        guarded = read_port(config.beat_bits)
        halt = Record(now=orders.halt).delay(1).now  # soft_reset has time for that
        port_guard(halt=orders.halt, client=guarded.flipped(), port=reading, reading=seen[i].reading)
        with domain(rst=unit_rst):
            if i == 0:
                guarded = shared_with_program(guarded, own, base[0], fetching)
                # Two arbiters one behind the other are much logic, both ways.
                links.logits = logits[0].arbitrate(own.source_result).s2m_pipe().m2s_pipe()
            lane_units(
                links=links,
                port=Record(read=guarded, write=writing),
                base=base[i],
                halt=halt,
                seen=seen[i],
                config=config,
            )
        wire(seen[i].arrived, watched.beat[i])
        wire(shown.state[i], watched.state[i])
    for r in range(rows):
        wire(bits(token, 32 * r, 32), watched.token[r])
    with domain(rst=unit_rst):
        observe_units(
            seen=seen,
            idle=idle,
            fetching=fetching,
            command=command,
            waiting=waiting,
            load=load,
            result=taken,
            outside=outside,
        )

    @always_comb
    def resets():
        unit_rst.next = unit_reset
        interrupt_request.next = orders.interrupt_request
        shown.running.next = orders.running


def per_lane(make, config):
    """An Array of a signal or stream for each lane."""
    return Array("ch", [make() for _ in range(config.lanes)])


def lane_seen():
    """One bit each: what a lane's links do, and what its memory units report."""
    names = ("arrived", "read_idle", "write_idle", "reading", "writing", "read_failed", "write_failed", "moving")
    return Record(**dict.fromkeys(names, 1))


def shared_with_program(port, memory, base, status):
    """Lane 0's channels.read_port, once control's reader of ``memory`` shares ``port`` with it."""
    own = port.like()
    program_memory(
        sink_command=memory.source_command,
        source_beat=memory.sink_beat,
        client=own.flipped(),
        port=port,
        base=base,
        status=status,
    )
    return own


@block
def lane_units(clk, rst, links, port, base, halt, seen, config):
    """A lane's memory units. They drive ``seen``, except ``reading``; ``moving`` is late by a cycle.

    ``links``: the streams ``read`` (commands) and ``beat`` of reads, ``patch`` and ``logits`` of writes.
    """
    memory = Record(read=status(), write=status())
    lane_memory(
        sink_command=links.read,
        source_beat=links.beat,
        sink_patch=links.patch,
        sink_logits=links.logits,
        port=port,
        base=base,
        halt=halt,
        status=memory,
        config=config,
    )
    patch, logits = links.patch, links.logits
    beat_moves, patch_moves, logits_move = links.beat.fire(), patch.fire(), logits.fire()

    @always_comb
    def observe():
        seen.arrived.next = beat_moves
        seen.read_idle.next = memory.read.idle
        seen.write_idle.next = memory.write.idle and not patch.valid and not logits.valid
        seen.writing.next = not memory.write.idle
        seen.read_failed.next = memory.read.error != 0
        seen.write_failed.next = memory.write.error != 0

    @always(clk.posedge)
    def move():
        seen.moving.next = beat_moves or patch_moves or logits_move


@block
def observe_units(clk, rst, seen, idle, fetching, command, waiting, load, result, outside):
    """``outside``: whether the units are idle, in error, or moving words; a lane counts as a part of its unit."""
    times = max(1, 2 // len(seen))  # as in vector_unit: a single lane's flag twice
    read_idle, write_idle = (
        vector([getattr(one, name) for one in seen] * times) for name in ("read_idle", "write_idle")
    )
    reading, writing, read_failed, write_failed, moving = (
        vector([getattr(one, name) for one in seen])
        for name in ("reading", "writing", "read_failed", "write_failed", "moving")
    )
    unused(fetching.idle)  # the fetch knows what it waits for, the port what is under way
    reads_missing, writes_missing = (Signal(intbv(0)[max(2, len(seen)) :]) for _ in range(2))
    results_due = Signal(intbv(0)[8:])
    begun, ended, load_moves, result_moves = Signal(bool(0)), Signal(bool(0)), load.fire(), result.fire()
    command_moves, result_moved = command.fire(), Signal(bool(0))
    up_down(up=begun, down=ended, count=results_due)

    @always_comb
    def memory_idle():
        reads_missing.next = ~read_idle
        writes_missing.next = ~write_idle

    @always_comb
    def idles():
        outside.idle.read.next = reads_missing == 0 and idle.read
        outside.idle.write.next = writes_missing == 0
        outside.idle.engine.next = idle.engine and results_due == 0
        outside.idle.load.next = idle.load and not waiting.valid and not load.valid
        outside.idle.vector.next = idle.vector

    @always_comb
    def errors():
        outside.error.read.next = read_failed != 0 or fetching.error != 0
        outside.error.write.next = write_failed != 0

    @always_comb
    def transactions():
        # What is halted before it reaches a port is none.
        outside.transactions_open.next = reading != 0 or writing != 0

    @always_comb
    def moves():
        begun.next = command_moves and not command.more
        outside.activity.next = moving != 0 or load_moves or result_moved

    @always_seq(clk.posedge, reset=rst)
    def end():  # a cycle late: whether the vector unit takes a result is known late
        result_moved.next = result_moves
        ended.next = result_moves and result.last


def accelerator_ports(config):
    """Arguments for accelerator() by name, except clock and reset."""
    channels = {
        "source_ar": request_channel,
        "sink_r": lambda: read_channel(config.beat_bits),
        "source_aw": request_channel,
        "source_w": lambda: write_channel(config.beat_bits),
        "sink_b": response_channel,
    }
    return {
        "control": records.axi_lite(),
        **{name: Array("ch", [make() for _ in range(config.lanes)]) for name, make in channels.items()},
        "interrupt_request": Signal(bool(0)),
        "shown": Record(
            running=1, state=Array("lane", [Signal(intbv(0)[3:]) for _ in range(config.lanes)]), vector_op=6
        ),
        "config": config,
    }
