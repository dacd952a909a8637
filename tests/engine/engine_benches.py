"""The engine's blocks between two streams, so that every simulator can drive them word by word.

A block that cannot be stalled gets one word of ``sink`` per cycle; ``source`` shows its outputs a fixed latency later.
"""

from myhdl import Signal, always, always_comb, block, concat, intbv

from myhdl_acc.convert.entity import entity
from myhdl_acc.engine import atom_dot as atom_dot_unit
from myhdl_acc.engine.accumulator import accumulator
from myhdl_acc.engine.adder_tree import adder_tree
from myhdl_acc.engine.atom_decoder import atom_decoder
from myhdl_acc.engine.atom_dot import atom_dot
from myhdl_acc.engine.collector import collector
from myhdl_acc.engine.delay import delay, delay_reset
from myhdl_acc.engine.load_hop import load_hop
from myhdl_acc.engine.row_pair import DecodedBeat, row_pair
from myhdl_acc.engine.sequencer import sequencer
from myhdl_acc.stream import Bundle
from myhdl_acc.stream.stream import signed
from myhdl_acc.stream.wiring import type_of, unused, vector


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
def atom_dot_bench(clk, rst, sink, source):
    """sink: load, load_data, swap, factors, positions, wide, scale, of one cycle; source: dot0, dot1 if ``show``."""
    wide, wide_late = Signal(intbv(0)[1:]), Signal(intbv(0)[1:])
    wide_bit, load, swap = Signal(bool(0)), Signal(bool(0)), Signal(bool(0))
    scale, scale_late = Signal(intbv(0)[8:]), Signal(intbv(0)[8:])
    shadow = Signal(intbv(0)[512:])
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
        source.dot0,
        source.dot1,
    )
    return (
        copies,
        delay(clk, wide, wide_late, atom_dot_unit.WIDE_DELAY),
        delay(clk, scale, scale_late, atom_dot_unit.SCALE_DELAY),
        unit,
        follow(clk, rst, sink, sink.show, source, atom_dot_unit.LATENCY),
    )


@entity
def accumulator_bench(clk, rst, sink, source, config):
    """sink: the accumulator's inputs of one cycle; source: what a read in that cycle yields."""
    valid, read = Signal(bool(0)), Signal(bool(0))

    @always_comb
    def gate():
        valid.next = sink.beat and sink.valid
        read.next = sink.read and sink.valid

    unit = accumulator(
        clk,
        rst,
        valid,
        sink.first,
        sink.last,
        sink.fresh,
        sink.bank,
        sink.address,
        sink.tap0,
        sink.tap1,
        read,
        sink.read_bank,
        sink.read_address,
        source.value0,
        source.value1,
        config,
    )
    return gate, unit, follow(clk, rst, sink, sink.read, source, 1)


@entity
def sequencer_bench(clk, rst, sink_cmd, sink_beat, sink_operand, source, collect_time):
    """Commands, beats and slices in; the sequencer's decision about each accepted beat out, in the same cycle.

    A word of ``sink_operand`` stands for a loaded slice. A finished operation's bank is given back ``collect_time``
    cycles later.
    """
    accept, scale_beat, swap, split, beat_ready = (Signal(bool(0)) for _ in range(5))
    mode, phase, state = Signal(intbv(0)[3:]), Signal(intbv(0)[2:]), Signal(intbv(0)[3:])
    control = Signal(intbv(0)[len(source.control) :])
    finished, collected = Signal(intbv(0)[1:]), Signal(intbv(0)[1:])
    give_back = Signal(bool(0))
    unused(source.ready, split, mode, state, sink_beat.data, sink_operand.data)
    unit = sequencer(
        clk,
        rst,
        sink_cmd,
        sink_beat.valid,
        beat_ready,
        sink_operand.valid,
        give_back,
        accept,
        scale_beat,
        swap,
        mode,
        phase,
        split,
        control,
        state,
    )

    @always_comb
    def show():
        sink_beat.ready.next = beat_ready
        sink_operand.ready.next = swap
        source.valid.next = accept or scale_beat
        source.scale.next = scale_beat
        source.swap.next = swap
        source.phase.next = phase
        source.control.next = control

    @always_comb
    def ends():
        finished.next = control[5]
        give_back.next = collected[0]

    return unit, show, ends, delay_reset(clk, rst, finished, collected, collect_time)


@entity
def load_hop_bench(clk, rst, sink, source, source_slice, atoms):
    """A hop with its own two-word slices shown at ``source_slice`` (which swaps when it takes one) and the rest at
    ``source``."""
    swap, take, full = (Signal(bool(0)) for _ in range(3))
    newest, oldest = (Signal(intbv(0)[len(sink.data) :]) for _ in range(2))
    unit = load_hop(clk, rst, sink, source, swap, take, full, atoms)

    @always(clk.posedge)
    def shadow():
        if take:
            newest.next = source.data
            oldest.next = newest

    late_full = Signal(bool(0))

    @always(clk.posedge)
    def settle():
        # The last word reaches the shadow register two cycles after it was accepted.
        late_full.next = full and not swap and not rst

    @always_comb
    def show():
        source_slice.valid.next = late_full and full
        swap.next = late_full and full and source_slice.ready

    @always_comb
    def contents():
        source_slice.word0.next = oldest
        source_slice.word1.next = newest

    return unit, shadow, settle, show, contents


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
    beat, onward = DecodedBeat(config), DecodedBeat(config)
    read, done = Signal(bool(0)), Signal(bool(0))
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
        read.next = sink.valid and sink.read

    unit = row_pair(
        clk,
        rst,
        beat,
        sink.load_data,
        onward,
        read,
        sink.read_bank,
        sink.read_address,
        source.value00,
        source.value01,
        source.value10,
        source.value11,
        done,
        config,
    )

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
        source_done.valid.next = done
        source_done.data.next = done

    hops = follow_only(clk, rst, sink.valid, source_hop)
    return payload, control, unit, show, hops, follow(clk, rst, sink, sink.read, source, 1)


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


@entity
def collector_bench(clk, rst, sink_cmd, sink_done, source_result, config):
    """Commands in; a word of ``sink_done`` says that its lane has finished an operation. The lanes' sums: bench_sum."""
    address_bits = (config.acc_depth - 1).bit_length()
    give_back, read, read_bank = (Signal(bool(0)) for _ in range(3))
    read_address = Signal(intbv(0)[address_bits:])
    row_bits = config.rows * config.acc_bits
    taps = [Bundle("ch", [Signal(intbv(0)[row_bits:]) for _ in range(config.lanes)]) for _ in range(2)]
    has_result = Bundle("ch", [Signal(bool(0)) for _ in range(config.lanes)])
    unit = collector(
        clk, rst, sink_cmd, has_result, *taps, give_back, read, read_bank, read_address, source_result, config
    )
    lanes = []
    for i, done in enumerate(sink_done):
        lanes += [
            pending_results(clk, rst, done, give_back, has_result[i]),
            bench_memory(clk, read, read_bank, read_address, taps[0][i], i, 0, config),
            bench_memory(clk, read, read_bank, read_address, taps[1][i], i, 1, config),
        ]
    return unit, lanes


@block
def pending_results(clk, rst, sink, give_back, has_result):
    pending = Signal(intbv(0)[2:])
    unused(sink.data)

    @always_comb
    def output():
        sink.ready.next = pending != 2
        has_result.next = pending != 0

    @always(clk.posedge)
    def count():
        if rst:
            pending.next = 0
        elif sink.valid and pending != 2 and not give_back:
            pending.next = pending + 1
        elif give_back and not (sink.valid and pending != 2):
            pending.next = pending - 1

    return output, count


@block
def bench_memory(clk, read, bank, address, word, lane, tap, config):
    held = Signal(intbv(0)[len(address) + 1 :])
    sums = [Signal(signed(config.acc_bits)) for _ in range(config.rows)]
    bits = [Signal(intbv(0)[config.acc_bits :]) for _ in range(config.rows)]
    rows = []
    for row, (value, field) in enumerate(zip(sums, bits, strict=True)):
        start = bench_sum(0, 0, lane, row, tap)
        rows.append(bench_row(held, value, field, start, bench_sum(1, 0, lane, row, tap) - start))
    all_bits = vector(bits)

    @always(clk.posedge)
    def fetch():
        if read:
            held.next = concat(address, bank)

    @always_comb
    def give():
        word.next = all_bits

    return rows, fetch, give


@block
def bench_row(held, value, field, start, step):
    width = len(field)

    @always_comb
    def compute():
        value.next = start + held * step

    @always_comb
    def as_bits():
        field.next = value[width:]

    return compute, as_bits
