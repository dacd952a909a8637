"""The engine's blocks between two streams, so that every simulator can drive them word by word.

A block that cannot be stalled gets one word of ``sink`` per cycle; ``source`` shows its outputs a fixed latency later.
"""

from myhdl import Signal, always, always_comb, block, intbv

from myhdl_acc.convert.entity import entity
from myhdl_acc.engine import atom_dot as atom_dot_unit
from myhdl_acc.engine.accumulator import accumulator
from myhdl_acc.engine.atom_decoder import atom_decoder
from myhdl_acc.engine.atom_dot import atom_dot
from myhdl_acc.engine.delay import delay, delay_reset
from myhdl_acc.engine.load_hop import load_hop
from myhdl_acc.engine.sequencer import sequencer
from myhdl_acc.stream.wiring import unused


@block
def follow(clk, rst, sink, source, latency):
    """``source`` is valid ``latency`` cycles after each word of ``sink``, which is always accepted."""
    now, later = Signal(intbv(0)[1:]), Signal(intbv(0)[1:])
    unused(source.ready)

    @always_comb
    def take():
        sink.ready.next = not rst
        now.next = sink.valid

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
    return unit, follow(clk, rst, sink, source, 1)


@entity
def atom_dot_bench(clk, rst, sink, source):
    """sink: load, load_data, swap, factors, positions, wide, scale, all of one cycle; source: dot0, dot1."""
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
        follow(clk, rst, sink, source, atom_dot_unit.LATENCY),
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
    return gate, unit, follow(clk, rst, sink, source, 1)


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
    unused(source.ready, split, mode, state)
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
