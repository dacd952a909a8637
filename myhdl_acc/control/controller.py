"""All that drives the units: registers, program fetch, dispatch, queues, counters and reset."""

from myhdl import ResetSignal, Signal, always_comb, block, concat, intbv

from myhdl_acc.control.counters import counters
from myhdl_acc.control.dispatch import dispatch
from myhdl_acc.control.fetch import fetch
from myhdl_acc.control.isa import COMMON, INSTRUCTION_BITS
from myhdl_acc.control.register_map import BUSY_UNITS, COUNTER_BASE
from myhdl_acc.control.s_axi_control import axi_lite_ports, s_axi_control
from myhdl_acc.control.soft_reset import soft_reset
from myhdl_acc.convert.entity import entity
from myhdl_acc.hdl.wiring import vector, wire
from myhdl_acc.stream import Array, Stream, fifo

#: Instructions that wait in front of each unit.
QUEUE_DEPTHS = {"read": 16, "engine": 16, "load": 16, "vector": 32}


@entity(outputs=("interrupt_request", "base", "halt", "unit_reset", "running"))
def controller(
    clk,
    rst,
    sink_aw,
    sink_w,
    source_b,
    sink_ar,
    source_r,
    interrupt_request,
    base,
    source_fetch,
    sink_fetch,
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
    config,
):
    """Run programs: from the registers behind ``sink_aw`` … ``source_r`` to instructions at the four sources.

    ``source_read`` … ``source_vector``: Stream(word=256), each behind a queue of QUEUE_DEPTHS words. ``…_idle``: the
    unit has nothing to do and its memory transactions are acknowledged; it must fall in the cycle after it took a word,
    at the latest. ``activity`` is high in a cycle in which anything moved. ``…_error``: levels, until ``unit_reset``.
    ``base``: the lanes' 64-bit pointers. ``token``: Array of a 32-bit word per row; ``state`` (3 bits) and ``beat``
    (a beat came from memory): Arrays over lanes, for the counters.

    ``unit_reset`` resets all units outside: it is high during ``rst`` and at the end of a soft reset, before which
    ``halt`` keeps memory units from beginning transactions until ``transactions_open`` is low. The blocks inside say
    how they behave: dispatch, fetch, soft_reset, s_axi_control, counters. From a beat of the program to the
    instruction at a source: fetch, dispatch and queue take 1 + 0 + 1 cycles, 1 more if beats are not instructions.
    """
    start, done, launch, stop, fetching, resetting, reset_request, unit_reset_now = (Signal(bool(0)) for _ in range(8))
    run_now = Signal(bool(0))
    unit_rst = ResetSignal(0, active=1, isasync=False)
    program_address, instructions, watchdog, status, number, cycles, counter_word = (
        Signal(intbv(0)[32:]) for _ in range(7)
    )  # fmt: skip
    code, unit = Signal(intbv(0)[8:]), Signal(intbv(0)[COMMON["unit"][1] :])
    busy, stuck = (Signal(intbv(0)[len(BUSY_UNITS) :]) for _ in range(2))
    counter_address = Signal(intbv(0)[(COUNTER_BASE // 4).bit_length() - 1 :])
    words = Stream(word=INSTRUCTION_BITS)
    waiting = {name: Stream(word=INSTRUCTION_BITS) for name in QUEUE_DEPTHS}
    sources = {"read": source_read, "engine": source_engine, "load": source_load, "vector": source_vector}

    idles = {"read": read_idle, "engine": engine_idle, "load": load_idle, "vector": vector_idle}
    flags = [Signal(bool(0)) for _ in BUSY_UNITS]

    @always_comb
    def resets():
        unit_rst.next = unit_reset_now
        unit_reset.next = unit_reset_now

    @always_comb
    def collect():
        running.next = run_now
        status.next = concat(intbv(0)[11:], stuck, intbv(0)[5:], unit, code)

    return (
        [
            is_busy(sources[name].valid, idle, flag) for (name, idle), flag in zip(idles.items(), flags, strict=False)
        ],
        inverter(write_idle, flags[-1]),
        wire(vector(flags), busy),
        resets,
        collect,
        s_axi_control(
            clk, rst, sink_aw, sink_w, source_b, sink_ar, source_r, interrupt_request, start, run_now, done, resetting,
            reset_request, program_address, instructions, watchdog, base, status, number, cycles, token,
            counter_address, counter_word,
        ),
        soft_reset(clk, rst, reset_request, transactions_open, halt, resetting, unit_reset_now),
        fetch(
            clk, unit_rst, launch, stop, program_address, instructions, source_fetch, sink_fetch, words, fetching,
            config,
        ),
        dispatch(
            clk, unit_rst, words, *waiting.values(), start, instructions, watchdog, fetching, busy, activity,
            read_error, write_error, engine_error, launch, done, run_now, stop, code, unit, stuck, number,
        ),
        [fifo(clk, unit_rst, waiting[name], sources[name], depth) for name, depth in QUEUE_DEPTHS.items()],
        counters(clk, rst, launch, run_now, state, beat, counter_address, counter_word, cycles),
    )  # fmt: skip


@block
def is_busy(waiting, idle, flag):
    """``flag`` is high while an instruction waits in front of a unit or the unit is not idle."""

    @always_comb
    def judge():
        flag.next = waiting or not idle

    return judge


@block
def inverter(level, q):
    @always_comb
    def invert():
        q.next = not level

    return invert


def controller_ports(config):
    """Arguments for controller() by name, without clock and reset."""
    levels = (
        "read_idle", "engine_idle", "load_idle", "vector_idle", "write_idle", "activity", "read_error", "write_error",
        "engine_error", "transactions_open", "halt", "unit_reset", "running", "interrupt_request",
    )  # fmt: skip
    return {
        **axi_lite_ports(),
        **{name: Signal(bool(0)) for name in levels},
        **{f"source_{name}": Stream(word=INSTRUCTION_BITS) for name in QUEUE_DEPTHS},
        "base": Array("ch", [Signal(intbv(0)[64:]) for _ in range(config.lanes)]),
        "source_fetch": Stream(address=32, beats=32),
        "sink_fetch": Stream(data=config.beat_bits),
        "token": Array("row", [Signal(intbv(0)[32:]) for _ in range(config.rows)]),
        "state": Array("lane", [Signal(intbv(0)[3:]) for _ in range(config.lanes)]),
        "beat": Array("lane", [Signal(bool(0)) for _ in range(config.lanes)]),
        "config": config,
    }
