"""All that drives the units: registers, program fetch, dispatch, queues, counters and reset."""

from myhdl import ResetSignal, Signal, always_comb, always_seq, block, concat, intbv

from golden.machine.text import MOST_TOKENS
from myhdl_acc.hdl.circuit import domain
from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.record import Record
from myhdl_acc.hdl.stream import Stream, fifo
from myhdl_acc.hdl.wiring import vector, wire
from myhdl_acc.rtl.control import records
from myhdl_acc.rtl.control.counters import counters
from myhdl_acc.rtl.control.dispatch import dispatch
from myhdl_acc.rtl.control.fetch import fetch
from myhdl_acc.rtl.control.isa import INSTRUCTION_BITS, QUEUE_DEPTHS
from myhdl_acc.rtl.control.register_map import COUNTER_BASE, row_register
from myhdl_acc.rtl.control.result_writer import result_writer
from myhdl_acc.rtl.control.s_axi_control import s_axi_control
from myhdl_acc.rtl.control.soft_reset import soft_reset
from myhdl_acc.rtl.control.walk import entry_stream, walk, walk_arguments, walk_ports

_SAMPLING = ("temperature", "seed", "seed_high")


@entity(outputs=("orders", "base", "sampling", "unit_reset"))
def controller(clk, rst, bus, memory, units, outside, orders, base, sampling, unit_reset, watched, config):
    """Run programs: from the registers behind ``bus`` to instructions at the sources of ``units``.

    ``memory``: ``source_command`` asks for beats of the program and the prompt, which come at ``sink_beat``;
    ``source_result`` are beats of the ring of results. ``units``: each source is behind a queue of QUEUE_DEPTHS words.
    ``outside.idle`` of a unit must fall in the cycle after it took a word, at the latest; ``outside.error``: levels,
    until ``unit_reset``. ``base``: the lanes' 64-bit pointers. ``sampling``: see the vector unit's records.
    ``watched``: for registers and counters. The records: see records.

    ``unit_reset`` resets all units outside: it is high during ``rst`` and at the end of a soft reset. Before that
    ``orders.halt`` keeps memory units from beginning transactions until ``outside.transactions_open`` is low. The
    blocks inside say how they behave: walk, dispatch, fetch, result_writer, soft_reset, s_axi_control, counters.
    """
    requests, arguments, registers = records.requests(), records.arguments(config), records.registers()
    seen, progress, outcome = records.seen(), records.progress(), records.outcome()
    resetting, unit_reset_now = Signal(bool(0)), Signal(bool(0))
    unit_rst = ResetSignal(0, active=1, isasync=False)
    counter_address = Signal(intbv(0)[(COUNTER_BASE // 4).bit_length() - 1 :])

    s_axi_control(
        bus=bus,
        requests=requests,
        arguments=arguments,
        base=base,
        run=Record(running=progress.running, done=progress.done, resetting=resetting),
        registers=registers,
        token=watched.token,
        counter_address=counter_address,
    )
    soft_reset(
        request=requests.reset,
        transactions_open=outside.transactions_open,
        halt=orders.halt,
        resetting=resetting,
        unit_reset=unit_reset_now,
    )
    counters(
        clear=progress.launch,
        count=progress.running,
        state=watched.state,
        beat=watched.beat,
        address=counter_address,
        word=registers.counter,
        cycles=registers.cycles,
    )

    words, resolved = (Stream(word=INSTRUCTION_BITS) for _ in range(2))
    entries = entry_stream()
    walked = walk_ports(config)
    wanted, said = walked["wanted"], walked["said"]
    for now, position in zip(said.positions, sampling.positions, strict=True):
        wire(now, position)
    with domain(rst=unit_rst):
        fetch(
            start=wanted.start,
            stop=progress.stop,
            program_address=wanted.address,
            instructions=wanted.words,
            source_fetch=memory.source_command,
            sink_fetch=memory.sink_beat,
            source=words,
            busy=seen.fetching,
            config=config,
        )
        walk(
            sink=words,
            source=resolved,
            source_entry=entries,
            run=progress.only("launch", "stop", "settled"),
            fetching=seen.fetching,
            arguments=walk_arguments(arguments),
            token=watched.token,
            **walked,
            config=config,
        )
        waiting = records.units()
        dispatch(
            sink=resolved,
            units=waiting,
            start=requests.start,
            watchdog=arguments.watchdog,
            walked=said.only("ended", "illegal", "overrun", "unit"),
            seen=seen,
            progress=progress,
            outcome=outcome,
        )
        result_writer(
            sink=entries,
            ring=arguments.only("results", "results_mask", "tag"),
            tell=progress.tell,
            ended=Record(index=said.chosen, position=said.position, code=outcome.code),
            written=outside.idle.write,
            cycles=registers.cycles,
            source=memory.source_result,
            told=seen.told,
        )
        for unit, depth in QUEUE_DEPTHS.items():
            fifo(sink=queue_of(waiting, unit), source=queue_of(units, unit), depth=depth)

    busy = [Signal(bool(0)) for _ in outside.idle.members()]
    for (unit, idle), flag in zip(outside.idle.members().items(), busy, strict=True):
        if unit in QUEUE_DEPTHS:
            is_busy(waiting=queue_of(units, unit).valid, idle=idle, flag=flag)
        else:
            inverter(level=idle, q=flag)
    any_busy = vector(busy)

    @always_comb
    def resets():
        unit_rst.next = unit_reset_now
        unit_reset.next = unit_reset_now

    for row, (temperature, seed) in enumerate(zip(sampling.temperatures, sampling.seeds, strict=True)):
        of_row = {name: getattr(arguments, row_register(name, min(row, MOST_TOKENS - 1))) for name in _SAMPLING}
        row_sampling(**of_row, row_temperature=temperature, row_seed=seed)

    @always_seq(clk.posedge, reset=rst)
    def watch():  # it comes from far, and who looks at it has time
        seen.activity.next = outside.activity
        seen.busy.next = any_busy
        seen.error.read.next = outside.error.read
        seen.error.write.next = outside.error.write
        seen.error.engine.next = outside.error.engine

    @always_comb
    def show():
        orders.running.next = progress.running
        orders.interrupt_request.next = requests.interrupt
        registers.instruction.next = outcome.number
        registers.status.next = concat(intbv(0)[11:], outcome.stuck, intbv(0)[5:], outcome.unit, outcome.code)


@block
def row_sampling(temperature, seed, seed_high, row_temperature, row_seed):
    @always_comb
    def share():
        row_temperature.next = temperature[16:]
        row_seed.next = concat(seed_high, seed)


def queue_of(units, unit):
    """The stream of instructions to a unit."""
    return getattr(units, f"source_{unit}")


@block
def is_busy(waiting, idle, flag):
    """``flag`` is high while an instruction waits in front of a unit or the unit is not idle."""

    @always_comb
    def judge():
        flag.next = waiting or not idle


@block
def inverter(level, q):
    @always_comb
    def invert():
        q.next = not level
