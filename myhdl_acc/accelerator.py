"""The accelerator: registers and memory ports outside, everything that decodes a token inside."""

from myhdl import ResetSignal, Signal, always, always_comb, block, intbv

from myhdl_acc.control.activation_buffer import activation_buffer
from myhdl_acc.control.controller import controller
from myhdl_acc.control.counting_semaphore import counting_semaphore
from myhdl_acc.control.engine_issue import engine_issue
from myhdl_acc.control.load_unit import load_unit
from myhdl_acc.control.read_issue import read_issue
from myhdl_acc.control.s_axi_control import axi_lite_ports
from myhdl_acc.convert.entity import entity
from myhdl_acc.engine.command import (
    beat_stream,
    command_stream,
    load_stream,
    result_stream,
    weights_stream,
    write_stream,
)
from myhdl_acc.engine.engine import engine
from myhdl_acc.hdl.wiring import unused, vector, wire
from myhdl_acc.memory.channels import (
    read_channel,
    read_command_stream,
    request_channel,
    response_channel,
    write_channel,
)
from myhdl_acc.memory.lane_memory import lane_memory
from myhdl_acc.memory.port_guard import port_guard
from myhdl_acc.memory.program_memory import program_memory
from myhdl_acc.stream import Array, Stream
from myhdl_acc.vector.vector_unit import vector_unit


@entity(outputs=("interrupt_request", "running", "state", "vector_op"))
def accelerator(
    clk,
    rst,
    sink_control_aw,
    sink_control_w,
    source_control_b,
    sink_control_ar,
    source_control_r,
    source_ar,
    sink_r,
    source_aw,
    source_w,
    sink_b,
    interrupt_request,
    running,
    state,
    vector_op,
    config,
):
    """Decodes: a start through s_axi_control (``…_control_…``, docs/registers.md) runs the program in lane 0's memory.

    ``source_ar``, ``sink_r``, ``source_aw``, ``source_w``, ``sink_b``: Arrays of AXI4 channels, one port per lane
    (memory.channels). ``interrupt_request`` is the interrupt line. For observation: ``running``, the lanes' ``state``
    (sequencer.STATES), and ``vector_op``: 0 while the vector unit has nothing to do, else its op code + 1.
    """
    lanes, rows = config.lanes, config.rows
    # The lanes are many, their links are called by what they join.
    fetch_command, fetched = read_command_stream(), beat_stream(config)
    read_ops, engine_ops, load_ops, vector_ops = (Stream(word=256) for _ in range(4))
    reads = Array("ch", [read_command_stream() for _ in range(lanes)])
    command, load, result = command_stream(config), load_stream(config), result_stream(config)
    beats = Array("ch", [beat_stream(config) for _ in range(lanes)])
    weights = Array("ch", [weights_stream(config) for _ in range(lanes)])
    patches = Array("ch", [write_stream(config) for _ in range(lanes)])
    logits = Array("ch", [write_stream(config) for _ in range(lanes)])
    base = Array("ch", [Signal(intbv(0)[64:]) for _ in range(lanes)])
    tokens = Array("row", [Signal(intbv(0)[32:]) for _ in range(rows)])
    arrived = Array("lane", [Signal(bool(0)) for _ in range(lanes)])
    unit_rst = ResetSignal(0, active=1, isasync=False)
    halt, unit_reset, activity = (Signal(bool(0)) for _ in range(3))
    read_idle, engine_idle, load_idle, vector_idle, write_idle = (Signal(bool(0)) for _ in range(5))
    read_error, write_error, engine_error, transactions_open = (Signal(bool(0)) for _ in range(4))
    load_available, load_take, load_post = (Signal(bool(0)) for _ in range(3))
    vector_available, vector_take, vector_post = (Signal(bool(0)) for _ in range(3))
    activation_write, buffer_read = Signal(bool(0)), Signal(bool(0))
    activation_index, buffer_address = Signal(intbv(0)[16:]), Signal(intbv(0)[16:])
    activation_data, buffer_word = Signal(intbv(0)[rows * lanes * 8 :]), Signal(intbv(0)[256 * rows :])
    load_entry, entry, entry_word = Signal(intbv(0)[16:]), Signal(intbv(0)[8:]), Signal(intbv(0)[rows * 32 :])
    token = Signal(intbv(0)[rows * 32 :])
    read_issue_idle, engine_issue_idle, load_unit_idle, vector_unit_idle, program_idle = (
        Signal(bool(0)) for _ in range(5)
    )
    program_error = Signal(intbv(0)[2:])

    control = controller(
        clk, rst, sink_control_aw, sink_control_w, source_control_b, sink_control_ar, source_control_r,
        interrupt_request, base, fetch_command, fetched, read_ops, engine_ops, load_ops, vector_ops, read_idle,
        engine_idle, load_idle, vector_idle, write_idle, activity, read_error, write_error, engine_error,
        transactions_open, halt, unit_reset, running, tokens, state, arrived, config,
    )  # fmt: skip
    units = (
        read_issue(clk, unit_rst, read_ops, reads, read_issue_idle),
        engine_issue(clk, unit_rst, engine_ops, command, engine_issue_idle),
        engine(clk, unit_rst, command, load, weights, beats, patches, result, state, engine_error, config),
        load_unit(
            clk, unit_rst, load_ops, load, load_available, load_take, load_post, buffer_read, buffer_address,
            buffer_word, load_entry, entry_word, load_unit_idle, config,
        ),
        activation_buffer(
            clk, activation_write, activation_index, activation_data, buffer_read, buffer_address, buffer_word, config
        ),
        vector_unit(
            clk, unit_rst, vector_ops, result, weights, logits, activation_write, activation_index, activation_data,
            entry, entry_word, vector_available, vector_take, vector_post, token, vector_unit_idle,
            vector_op, config,
        ),
        counting_semaphore(clk, unit_rst, vector_post, load_take, load_available),
        counting_semaphore(clk, unit_rst, load_post, vector_take, vector_available),
    )  # fmt: skip

    read_idles, write_idles, read_errors, write_errors, reading, writing, moving = (
        [Signal(bool(0)) for _ in range(lanes)] for _ in range(7)
    )
    lane_units = []
    for i in range(lanes):
        lane_ar, lane_r = request_channel(), read_channel(config.beat_bits)
        lane_write_idle, lane_write_error, lane_read_error = Signal(bool(0)), Signal(intbv(0)[2:]), Signal(intbv(0)[2:])
        if i == 0:
            inner_ar, inner_r = request_channel(), read_channel(config.beat_bits)
            lane_units.append(
                program_memory(
                    clk, unit_rst, fetch_command, fetched, inner_ar, inner_r, lane_ar, lane_r, base[0], program_idle,
                    program_error,
                )
            )  # fmt: skip
        else:
            inner_ar, inner_r = lane_ar, lane_r
        lane_units += [
            lane_memory(
                clk, unit_rst, reads[i], beats[i], patches[i], logits[i], inner_ar, inner_r, source_aw[i], source_w[i],
                sink_b[i], base[i], halt, read_idles[i], lane_write_idle, lane_read_error, lane_write_error, config,
            ),
            port_guard(clk, rst, halt, lane_ar, source_ar[i], sink_r[i], lane_r, reading[i]),
            lane_status(
                beats[i], patches[i], logits[i], lane_write_idle, lane_read_error, lane_write_error, arrived[i],
                write_idles[i], writing[i], read_errors[i], write_errors[i], moving[i],
            ),
        ]  # fmt: skip
    times = max(1, 2 // lanes)  # as in vector_unit: a single lane's flag twice
    all_read_idle, all_write_idle = vector(read_idles * times), vector(write_idles * times)
    any_read_error, any_write_error = vector(read_errors), vector(write_errors)
    any_reading, any_writing, any_moving = vector(reading), vector(writing), vector(moving)
    unused(program_idle)  # the fetch knows what it waits for, the port what is under way
    reads_missing, writes_missing = Signal(intbv(0)[max(2, lanes) :]), Signal(intbv(0)[max(2, lanes) :])
    token_parts = [wire(token(32 * r + 32, 32 * r), tokens[r]) for r in range(rows)]
    results_due = Signal(intbv(0)[8:])
    begun, ended = Signal(bool(0)), Signal(bool(0))

    @always_comb
    def resets():
        unit_rst.next = unit_reset
        entry.next = load_entry[8:]

    @always_comb
    def memory_idle():
        reads_missing.next = ~all_read_idle
        writes_missing.next = ~all_write_idle

    @always_comb
    def idle():
        read_idle.next = reads_missing == 0 and read_issue_idle
        write_idle.next = writes_missing == 0
        engine_idle.next = engine_issue_idle and results_due == 0
        load_idle.next = load_unit_idle and not load.valid
        vector_idle.next = vector_unit_idle

    @always_comb
    def errors():
        read_error.next = any_read_error != 0 or program_error != 0
        write_error.next = any_write_error != 0

    @always_comb
    def transactions():
        # What is halted before it reaches a port is none.
        transactions_open.next = any_reading != 0 or any_writing != 0

    @always_comb
    def moves():
        begun.next = command.valid and command.ready
        ended.next = result.valid and result.ready and result.last
        activity.next = any_moving != 0 or (load.valid and load.ready) or (result.valid and result.ready)

    @always(clk.posedge)
    def operations():
        if unit_rst:
            results_due.next = 0
        elif begun and not ended:
            results_due.next = results_due + 1
        elif ended and not begun:
            results_due.next = results_due - 1

    return (
        control, units, lane_units, token_parts, resets, memory_idle, idle, errors, transactions, moves, operations,
    )  # fmt: skip


@block
def lane_status(
    beat, patch, logits, written, read_code, write_code, arrived, write_idle, writing, read_failed, write_failed, moving
):
    """What a lane's links and codes say in one bit each."""

    @always_comb
    def observe():
        arrived.next = beat.valid and beat.ready
        write_idle.next = written and not patch.valid and not logits.valid
        writing.next = not written
        read_failed.next = read_code != 0
        write_failed.next = write_code != 0
        moving.next = (beat.valid and beat.ready) or (patch.valid and patch.ready) or (logits.valid and logits.ready)

    return observe


def accelerator_ports(config):
    """Arguments for accelerator() by name, without clock and reset."""
    channels = {
        "source_ar": request_channel,
        "sink_r": lambda: read_channel(config.beat_bits),
        "source_aw": request_channel,
        "source_w": lambda: write_channel(config.beat_bits),
        "sink_b": response_channel,
    }
    return {
        **{name.replace("_", "_control_", 1): stream for name, stream in axi_lite_ports().items()},
        **{name: Array("ch", [make() for _ in range(config.lanes)]) for name, make in channels.items()},
        "interrupt_request": Signal(bool(0)),
        "running": Signal(bool(0)),
        "state": Array("lane", [Signal(intbv(0)[3:]) for _ in range(config.lanes)]),
        "vector_op": Signal(intbv(0)[6:]),
        "config": config,
    }
