"""The engine's blocks between two streams, so that every simulator can drive them word by word.

A block that cannot be stalled gets one word of ``sink`` per cycle; ``source`` shows its outputs a fixed latency later.
"""

from myhdl import Signal, always, always_comb, block, concat, intbv

from golden.units.load_unit import NEW_KEY, NEW_VALUE
from golden.units.patch import NO_PATCH, PATCH_KEY, PATCH_VALUE
from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.delay import delay, delay_reset
from myhdl_acc.hdl.record import Record
from myhdl_acc.hdl.stream import Array
from myhdl_acc.hdl.stream.stream import signed
from myhdl_acc.hdl.wiring import choose, type_of, unused, vector
from myhdl_acc.rtl.engine import atom_dot as atom_dot_unit
from myhdl_acc.rtl.engine import load_hop as load_hop_unit
from myhdl_acc.rtl.engine.acceptance import acceptance, succession
from myhdl_acc.rtl.engine.accumulator import accumulator
from myhdl_acc.rtl.engine.adder_tree import adder_tree
from myhdl_acc.rtl.engine.atom_decoder import atom_decoder
from myhdl_acc.rtl.engine.atom_dot import atom_dot
from myhdl_acc.rtl.engine.beat_decoder import beat_decoder
from myhdl_acc.rtl.engine.collector import collector
from myhdl_acc.rtl.engine.command import META
from myhdl_acc.rtl.engine.load_hop import load_hop
from myhdl_acc.rtl.engine.parameter_memory import parameter_memory
from myhdl_acc.rtl.engine.patch import patch
from myhdl_acc.rtl.engine.patch_buffer import patch_buffer
from myhdl_acc.rtl.engine.records import (
    RESULT,
    answer,
    buffers,
    decision,
    decoded_beat,
    fetch,
    new_token,
    parameter_beat,
    patch_command,
    placed_beat,
    read_port,
    summed_beat,
)
from myhdl_acc.rtl.engine.row_pair import pair_values, row_pair
from myhdl_acc.rtl.engine.sequencer import owner_after, sequencer


@block
def follow(clk, rst, sink, show, source, latency):
    """``source`` is valid ``latency`` cycles after each word of ``sink`` with ``show``; ``sink`` is always accepted."""
    now, later = Signal(intbv(0)[1:]), Signal(intbv(0)[1:])
    unused(source.ready)

    @always_comb
    def take():
        sink.ready.next = not rst
        if sink.valid and show:
            now.next = 1
        else:
            now.next = 0

    line = delay_reset(clk, rst, now, later, latency)

    @always_comb
    def give():
        source.valid.next = later[0]

    return take, line, give


@entity
def atom_decoder_bench(clk, rst, sink, source):
    """sink: atom, mode, phase, block_scale; source: factors, positions, scale, illegal."""
    unit = atom_decoder(
        clk,
        sink.atom,
        sink.mode,
        sink.phase,
        sink.block_scale,
        source.factors,
        source.positions,
        source.scale,
        source.illegal,
    )
    return unit, follow(clk, rst, sink, sink.valid, source, 1)


@entity
def atom_dot_bench(clk, rst, sink, source, rows, packed):
    """sink: load, load_data, swap, factors, positions, wide, scale, of one cycle; source: dot0, … if ``show``."""
    wide, wide_late = Signal(intbv(0)[1:]), Signal(intbv(0)[1:])
    wide_bit, load, swap = Signal(bool(0)), Signal(bool(0)), Signal(bool(0))
    scale, scale_late = Signal(intbv(0)[8:]), Signal(intbv(0)[8:])
    shadow = Signal(intbv(0)[256 * rows :])
    unused(shadow)

    @always_comb
    def copies():
        wide.next = sink.wide
        scale.next = sink.scale
        wide_bit.next = wide_late[0]
        load.next = sink.load and sink.valid
        swap.next = sink.swap and sink.valid

    unit = atom_dot(
        clk,
        load,
        sink.load_data,
        swap,
        sink.factors,
        sink.positions,
        wide_bit,
        scale_late,
        shadow,
        Array("row", [getattr(source, f"dot{row}") for row in range(rows)]),
        packed,
    )
    return (
        copies,
        delay(clk, wide, wide_late, atom_dot_unit.WIDE_DELAY),
        delay(clk, scale, scale_late, atom_dot_unit.SCALE_DELAY),
        unit,
        follow(clk, rst, sink, sink.show, source, atom_dot_unit.LATENCY),
    )


@entity
def acceptance_bench(clk, rst, sink, source):
    """sink: all that acceptance sees in a cycle; source: what it says in the same one."""
    unused(clk, rst)
    parts = sink.payload()
    held = Record(**{name: parts[name] for name in ("meta", "patches")})
    place = Record(**{name: parts[name] for name in ("in_parameters", "new_slice", "at_scale")})
    needed = Record(**{name: parts[name] for name in ("slice", "room")})
    step = Record(**{name: getattr(source, name) for name in ("weights", "scales", "parameters", "swap")})

    finished = Record(go=1, finish=1)

    @always_comb
    def connect():
        sink.ready.next = source.ready
        source.valid.next = sink.valid
        source.go.next = finished.go
        source.finish.next = finished.finish

    acceptance(
        may=sink.may, beat=sink.beat, operands=needed, held=held, place=place, last=sink.last, go=finished.go,
        step=step, finish=finished.finish,
    )  # fmt: skip
    succession(busy=sink.busy, finish=finished.finish, waiting=sink.waiting, launch=source.launch)


@entity
def owner_after_bench(clk, rst, sink, source):
    """sink: ``swap``, ``another``, ``last``, an owner and what command follows; source: whose it is, then."""
    unused(clk, rst)

    @always_comb
    def connect():
        sink.ready.next = source.ready
        source.valid.next = sink.valid

    owner_after(
        swap=sink.swap,
        another=sink.another,
        last=sink.last,
        own=Record(from_local=sink.own_local, from_chain=sink.own_chain),
        following=Record(valid=sink.following, mode=sink.mode),
        owner=Record(from_local=source.from_local, from_chain=source.from_chain),
    )


@entity
def accumulator_bench(clk, rst, sink, source, config):
    """sink: the accumulator's inputs of one cycle; source: what a read in that cycle yields."""
    beat, read = summed_beat(config), read_port(config)

    @always_comb
    def gate():
        beat.valid.next = sink.beat and sink.valid
        read.enable.next = sink.read and sink.valid

    @always_comb
    def copies():
        beat.first.next = sink.first
        beat.last.next = sink.last
        beat.fresh.next = sink.fresh
        beat.bank.next = sink.bank
        beat.complete.next = sink.complete
        beat.address.next = sink.address
        read.bank.next = sink.read_bank
        read.address.next = sink.read_address
        read.advance.next = True

    accumulator(
        beat=beat,
        tap0=sink.tap0,
        tap1=sink.tap1,
        read=read,
        value0=source.value0,
        value1=source.value1,
        config=config,
    )
    follow(clk, rst, sink, sink.read, source, 2)


@entity
def sequencer_bench(
    clk, rst, sink_cmd, sink_beat, sink_operand, sink_key, sink_value, sink_room, source, collect_time, config
):
    """Commands, beats and slices in; the sequencer's decision about each accepted beat out, in the same cycle.

    A word of ``sink_operand`` stands for a loaded slice, of ``sink_key`` and ``sink_value`` for a filled buffer, of
    ``sink_room`` for room for one beat of a patching command. A finished operation's bank is given back
    ``collect_time`` cycles after its last result.
    """
    start, in_parameters, give_back, patching = (Signal(bool(0)) for _ in range(4))
    remaining = Signal(intbv(0)[len(sink_cmd.middle) :])
    state = Signal(intbv(0)[3:])
    decided, free = decision(config), buffers()
    finished, collected = Signal(intbv(0)[1:]), Signal(intbv(0)[1:])
    unused(source.ready, decided.mode, decided.split, state, sink_beat.data, sink_operand.data)
    unused(sink_key.data, sink_value.data, sink_room.data)
    sequencer(
        sink_cmd=sink_cmd,
        sink_beat=sink_beat.translate_with(Record()),
        operands=Record(slice=sink_operand.valid, key=sink_key.valid, value=sink_value.valid, room=sink_room.valid),
        give_back=give_back,
        start=start,
        in_parameters=in_parameters,
        decision=decided,
        next_slice=Record(from_chain=source.from_chain, from_local=source.from_local),
        free=free,
        state=state,
    )

    @always_comb
    def show():
        sink_operand.ready.next = decided.swap
        sink_key.ready.next = free.key
        sink_value.ready.next = free.value
        sink_room.ready.next = patching and (decided.weights or decided.scales or decided.parameters)
        source.valid.next = decided.weights or decided.scales or decided.parameters
        source.scale.next = decided.scales
        source.parameter.next = in_parameters and decided.parameters
        source.swap.next = decided.swap
        source.phase.next = decided.phase
        source.control.next = decided.control
        source.number.next = decided.number
        source.outer.next = decided.outer
        source.key.next = free.key
        source.value.next = free.value

    @always(clk.posedge)
    def count_results():
        if start:
            patching.next = sink_cmd.patch != 0
            if sink_cmd.mode == META:
                remaining.next = 1
            else:
                remaining.next = sink_cmd.middle
        elif decided.control[RESULT]:
            remaining.next = remaining - 1

    @always_comb
    def ends():
        finished.next = 0
        if decided.control[RESULT] and remaining == 1:
            finished.next = 1
        give_back.next = collected[0]

    delay_reset(clk, rst, finished, collected, collect_time)


@entity
def load_hop_bench(
    clk, rst, sink, sink_local, sink_key_room, sink_value_room, source, source_slice, source_key, source_value, atoms
):
    """A hop with its own two-word slices shown at ``source_slice`` (which swaps when it takes one), keys and values at
    ``source_key`` and ``source_value`` (one word each) and the rest at ``source``. A key or value needs a word of
    ``sink_key_room`` or ``sink_value_room``."""
    swap, full = (Signal(bool(0)) for _ in range(2))
    take = Record(slice=1, key=1, value=1)
    word, newest, oldest = (Signal(intbv(0)[len(sink.data) :]) for _ in range(3))
    take_bits, key_late, value_late = (Signal(intbv(0)[1:]) for _ in range(3))
    value_bits = Signal(intbv(0)[1:])
    unused(sink_key_room.data, sink_value_room.data, source_key.ready, source_value.ready)
    load_hop(
        sink=sink,
        source=source,
        sink_local=sink_local,
        swap=swap,
        room=Record(key=sink_key_room.valid, value=sink_value_room.valid),
        take=take,
        word=word,
        ready=full,
        atoms=atoms,
    )

    @always(clk.posedge)
    def shadow():
        if take.slice:
            newest.next = word
            oldest.next = newest

    # The last word reaches the shadow register three cycles after it was accepted.
    settled, was_full = Signal(bool(0)), Signal(bool(0))

    @always(clk.posedge)
    def settle():
        was_full.next = full and not swap and not rst
        settled.next = was_full and full and not swap and not rst

    @always_comb
    def show():
        source_slice.valid.next = settled and full
        swap.next = settled and full and source_slice.ready
        sink_key_room.ready.next = take.key
        sink_value_room.ready.next = take.value

    @always_comb
    def contents():
        source_slice.word0.next = oldest
        source_slice.word1.next = newest
        source_key.data.next = word
        source_value.data.next = word

    @always_comb
    def as_bits():
        take_bits.next = take.key
        value_bits.next = take.value

    @always_comb
    def arrivals():
        source_key.valid.next = key_late[0]
        source_value.valid.next = value_late[0]

    delay_reset(clk, rst, take_bits, key_late, load_hop_unit.LATENCY)
    delay_reset(clk, rst, value_bits, value_late, load_hop_unit.LATENCY)


@entity
def adder_tree_bench(clk, rst, sink, source):
    """sink: the terms; source: ``total``, a cycle later."""
    total = Signal(source.total.val)
    tree = adder_tree(list(sink.payload().values()), total)

    @always(clk.posedge)
    def register():
        source.total.next = total

    return tree, register, follow(clk, rst, sink, sink.valid, source, 1)


@entity
def delay_bench(clk, rst, sink, source, stages, cleared):
    """sink: ``data``; source: ``late``, what left the shift register, ``stages`` cycles later."""
    data = Signal(type_of(sink.data))

    @always_comb
    def gate():
        if sink.valid:
            data.next = sink.data
        else:
            data.next = 0

    if cleared:
        line = delay_reset(clk, rst, data, source.late, stages)
    else:
        line = delay(clk, data, source.late, stages)
    return gate, line, follow(clk, rst, sink, sink.valid, source, stages)


@entity
def row_pair_bench(clk, rst, sink, source, source_hop, source_done, config):
    """sink: a beat, a stationary word and a read of one cycle; source: what the read yields; source_hop: the beat for
    the next pair; source_done: a word per finished operation."""
    beat, onward, read, values = decoded_beat(config), decoded_beat(config), read_port(config), pair_values(config)
    done = Signal(bool(0))
    unused(source_done.ready)

    @always_comb
    def payload():
        beat.factors.next = sink.factors
        beat.positions.next = sink.positions
        beat.scales.next = sink.scales
        beat.wide.next = sink.wide
        beat.split.next = sink.split

    @always_comb
    def control():
        if sink.valid:
            beat.control.next = sink.control
        else:
            beat.control.next = 0
        beat.swap.next = sink.valid and sink.swap
        beat.load.next = sink.valid and sink.load
        read.enable.next = sink.valid and sink.read
        read.bank.next = sink.read_bank
        read.address.next = sink.read_address
        read.advance.next = True

    row_pair(sink=beat, load_data=sink.load_data, source=onward, read=read, values=values, done=done, config=config)

    @always_comb
    def show():
        source_hop.factors.next = onward.factors
        source_hop.positions.next = onward.positions
        source_hop.scales.next = onward.scales
        source_hop.control.next = onward.control
        source_hop.swap.next = onward.swap
        source_hop.wide.next = onward.wide
        source_hop.split.next = onward.split
        source_hop.load.next = onward.load
        source.value00.next = values.row0_tap0
        source.value01.next = values.row0_tap1
        source.value10.next = values.row1_tap0
        source.value11.next = values.row1_tap1
        source_done.valid.next = done
        source_done.data.next = done

    follow_only(clk, rst, sink.valid, source_hop)
    follow(clk, rst, sink, sink.read, source, 2)


@block
def follow_only(clk, rst, valid, source):
    """``source`` is valid a cycle after ``valid``."""
    unused(source.ready)

    @always(clk.posedge)
    def register():
        source.valid.next = valid and not rst

    return register


def bench_sum(bank, address, lane, row, tap):
    """What collector_bench has in its memories: sums of either sign, none twice."""
    factor = 99991 + 30011 * lane + 7013 * row + 1009 * tap
    return (2 * address + bank + 1) * factor - (1 << 20)


def bench_parameter(bank, address, split, tap, lane):
    """The parameters of collector_bench."""
    return ((2 * address + tap if split else address) << 8) + (lane << 4) + bank + 1


@entity
def collector_bench(clk, rst, sink_cmd, sink_index, source_result, config):
    """Commands in; a word of ``sink_index`` says that its lane has the sums of one more index. The lanes' sums:
    bench_sum, parameters: bench_parameter."""
    told, answers = fetch(config), Array("lane", [answer(config) for _ in range(config.lanes)])
    unused(told.give_back)
    collector(sink_cmd=sink_cmd, answers=answers, fetch=told, source=source_result, config=config)
    read = told.read
    for i, (index, lane) in enumerate(zip(sink_index, answers, strict=True)):
        taps = [Signal(intbv(0)[config.rows * config.acc_bits :]) for _ in range(2)]
        waiting_results(clk, rst, index, told.take, lane.has_result)
        for tap in range(2):
            bench_memory(clk, read, taps[tap], i, tap, config)
        choose(told.tap, taps[1], taps[0], lane.sums)
        bench_parameters(clk, read, told.split, told.tap, lane.parameter, i)


@block
def waiting_results(clk, rst, sink, take, has_result):
    waiting = Signal(intbv(0)[8:])
    unused(sink.data)

    @always_comb
    def output():
        sink.ready.next = waiting < 200
        has_result.next = waiting != 0

    @always(clk.posedge)
    def count():
        if rst:
            waiting.next = 0
        elif sink.valid and waiting < 200 and not take:
            waiting.next = waiting + 1
        elif take and not (sink.valid and waiting < 200):
            waiting.next = waiting - 1

    return output, count


@block
def bench_parameters(clk, read, split, tap, word, lane):
    start = bench_parameter(0, 0, False, 0, lane)
    fetched, shown = (Record(bank=1, split=1, address=len(read.address)) for _ in range(2))
    number = Signal(intbv(0)[32:])

    @always(clk.posedge)
    def fetch():
        if read.enable:
            fetched.bank.next = read.bank
            fetched.split.next = split
            fetched.address.next = read.address
        if read.advance:
            shown.bank.next = fetched.bank
            shown.split.next = fetched.split
            shown.address.next = fetched.address

    @always_comb
    def give():
        word.next = (number << 8) + start + shown.bank

    @always_comb
    def number_of_word():
        if shown.split:
            number.next = concat(shown.address, tap)
        else:
            number.next = shown.address

    return fetch, give, number_of_word


@block
def bench_memory(clk, read, word, lane, tap, config):
    fetched, held = (Signal(intbv(0)[len(read.address) + 1 :]) for _ in range(2))
    sums = [Signal(signed(config.acc_bits)) for _ in range(config.rows)]
    bits = [Signal(intbv(0)[config.acc_bits :]) for _ in range(config.rows)]
    rows = []
    for row, (value, field) in enumerate(zip(sums, bits, strict=True)):
        start = bench_sum(0, 0, lane, row, tap)
        rows.append(bench_row(held, value, field, start, bench_sum(1, 0, lane, row, tap) - start))
    all_bits = vector(bits)

    @always(clk.posedge)
    def fetch():
        if read.enable:
            fetched.next = concat(read.address, read.bank)
        if read.advance:
            held.next = fetched

    @always_comb
    def give():
        word.next = all_bits

    return rows, fetch, give


@block
def bench_row(held, value, field, start, step):
    width = len(field)
    wide = Signal(intbv(0)[24:])  # as wide as the factor

    @always_comb
    def widen():
        wide.next = held

    @always_comb
    def compute():
        value.next = start + wide * step

    @always_comb
    def as_bits():
        field.next = value[width:]

    return widen, compute, as_bits


@entity
def patch_bench(clk, rst, sink_cmd, sink_word, sink_beat, source, source_write, source_free, lane_index, config):
    """The patch with both its buffers. ``sink_word``: load words (``kind``: NEW_KEY or NEW_VALUE); ``sink_beat``: a
    beat with its place, ``finish``: the command's last; source: the beats; source_free: a word for every buffer that
    takes another token.

    A command is taken when the one before is finished.
    """
    valid, busy, room, free = (Signal(bool(0)) for _ in range(4))
    command, arrived = patch_command(config), placed_beat(config)
    take, rooms, ready, released = (buffers() for _ in range(4))
    code = Signal(intbv(0)[2:])
    word, late_word = (Signal(intbv(0)[config.load_bits :]) for _ in range(2))
    tokens = Record(key=new_token(config), value=new_token(config))
    unused(source.ready, source_free.ready)
    unused(sink_cmd.outer, sink_cmd.inner, sink_cmd.middle, sink_cmd.params, sink_cmd.more)
    for kind in ("key", "value"):
        patch_buffer(
            take=getattr(take, kind),
            word=late_word,
            free=getattr(released, kind),
            room=getattr(rooms, kind),
            ready=getattr(ready, kind),
            token=getattr(tokens, kind),
            config=config,
        )
    patch(
        command=command,
        arrived=arrived,
        key=tokens.key,
        value=tokens.value,
        beat=source.data,
        source_write=source_write,
        room=room,
        config=config,
    )

    @always_comb
    def take_command():
        command.mode.next = sink_cmd.mode
        command.patch.next = sink_cmd.patch
        command.heads_log2.next = sink_cmd.heads_log2
        command.slot.next = sink_cmd.slot
        command.tokens.next = sink_cmd.tokens
        command.base.next = sink_cmd.base
        command.skip.next = sink_cmd.skip
        command.lane.next = lane_index

    @always_comb
    def place():
        arrived.valid.next = valid
        arrived.data.next = sink_beat.data
        arrived.parameter.next = sink_beat.parameter
        arrived.number.next = sink_beat.number
        arrived.outer.next = sink_beat.outer
        arrived.address.next = sink_beat.address

    @always_comb
    def words():
        take.key.next = sink_word.valid and sink_word.kind == NEW_KEY and rooms.key
        take.value.next = sink_word.valid and sink_word.kind == NEW_VALUE and rooms.value
        if sink_word.kind == NEW_KEY:
            sink_word.ready.next = rooms.key
        else:
            sink_word.ready.next = rooms.value

    @always(clk.posedge)
    def word_delay():
        # As long as load_hop takes.
        word.next = sink_word.data
        late_word.next = word

    @always_comb
    def beats():
        valid.next = (
            busy
            and sink_beat.valid
            and (
                code == NO_PATCH
                or (room and ((code == PATCH_KEY and ready.key) or (code == PATCH_VALUE and ready.value)))
            )
        )
        sink_beat.ready.next = busy and (
            code == NO_PATCH or (room and ((code == PATCH_KEY and ready.key) or (code == PATCH_VALUE and ready.value)))
        )

    @always_comb
    def commands():
        command.start.next = sink_cmd.valid and not busy
        sink_cmd.ready.next = not busy

    @always_comb
    def frees():
        released.key.next = valid and sink_beat.finish and free and code == PATCH_KEY
        released.value.next = valid and sink_beat.finish and free and code == PATCH_VALUE
        source_free.valid.next = valid and sink_beat.finish and free and code != NO_PATCH
        source_free.data.next = code

    @always(clk.posedge)
    def run():
        source.valid.next = valid and not rst
        if rst:
            busy.next = False
        elif command.start:
            busy.next = True
        elif valid and sink_beat.finish:
            busy.next = False
        if command.start:
            code.next = sink_cmd.patch
            free.next = sink_cmd.release
            arrived.split.next = sink_cmd.split


@entity
def beat_decoder_bench(clk, rst, sink, source, config):
    """sink: a beat with what the sequencer says of it; source: the decoded beat of
    weights, and ``error``, a cycle later."""
    decided, decoded = decision(config), decoded_beat(config)
    load, error = Signal(bool(0)), Signal(bool(0))
    unused(decoded.load)

    @always_comb
    def decide():
        decided.weights.next = sink.weights and sink.valid
        decided.scales.next = sink.scales and sink.valid
        decided.swap.next = sink.swap and sink.valid
        decided.mode.next = sink.mode
        decided.phase.next = sink.phase
        decided.split.next = sink.split
        if sink.valid:
            decided.control.next = sink.control
        else:
            decided.control.next = 0

    @always(clk.posedge)
    def without_meaning():
        load.next = sink.valid
        decided.parameters.next = False
        decided.number.next = 0
        decided.outer.next = 0

    beat_decoder(decided=decided, beat=sink.data, load=load, decoded=decoded, error=error)

    @always_comb
    def show():
        source.factors.next = decoded.factors
        source.positions.next = decoded.positions
        source.scales.next = decoded.scales
        source.control.next = decoded.control
        source.swap.next = decoded.swap
        source.wide.next = decoded.wide
        source.split.next = decoded.split
        source.error.next = error

    follow(clk, rst, sink, sink.weights, source, 1)


@entity
def parameter_memory_bench(clk, rst, sink_write, sink, source, config):
    """sink_write: beats; sink: the read of one cycle, with the ``tap`` of the one after next; source: the word."""
    write, read, later = parameter_beat(config), read_port(config), Record(tap=sink.tap).delay(2)

    @always_comb
    def connect():
        sink_write.ready.next = True
        write.valid.next = sink_write.valid
        write.bank.next = sink_write.bank
        write.number.next = sink_write.number
        write.data.next = sink_write.data
        read.enable.next = sink.valid
        read.bank.next = sink.bank
        read.address.next = sink.address
        read.advance.next = True

    parameter_memory(write=write, read=read, split=sink.split, tap=later.tap, word=source.word, config=config)
    follow(clk, rst, sink, sink.valid, source, 2)


@entity
def patch_buffer_bench(clk, rst, sink, source, config):
    """sink: words of tokens, as the load chain brings them; source: the tokens, which are freed when they are taken."""
    take, free, room, ready = (Signal(bool(0)) for _ in range(4))
    token, word = new_token(config), Record(data=sink.data).delay(load_hop_unit.LATENCY)

    @always_comb
    def connect():
        sink.ready.next = room
        take.next = sink.valid and room
        source.valid.next = ready
        free.next = ready and source.ready
        source.nibbles.next = token.nibbles
        source.parameters.next = token.parameters

    patch_buffer(take=take, word=word.data, free=free, room=room, ready=ready, token=token, config=config)
