"""The vector unit: everything between the engine's products."""

from myhdl import Signal, always, always_comb, block, intbv

from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.stream import Bundle
from myhdl_acc.hdl.stream.stream import Stream, signed
from myhdl_acc.hdl.wiring import constant, unused, vector, wire
from myhdl_acc.rtl.engine.command import result_stream
from myhdl_acc.rtl.vector.unit.argmax_merge import argmax_merge
from myhdl_acc.rtl.vector.unit.column_control import ColumnControl, RowControl
from myhdl_acc.rtl.vector.unit.lane_logits import lane_logits
from myhdl_acc.rtl.vector.unit.row import row
from myhdl_acc.rtl.vector.unit.vector_control import LogitsControl, vector_control
from myhdl_acc.rtl.vector.unit.weights_packer import weights_packer


@entity(
    outputs=(
        "activation_write",
        "activation_index",
        "activation_data",
        "entry_word",
        "take",
        "give",
        "token",
        "idle",
        "busy_op",
    )
)
def vector_unit(
    clk,
    rst,
    sink_op,
    sink_result,
    source_weights,
    source_logits,
    activation_write,
    activation_index,
    activation_data,
    entry,
    entry_word,
    available,
    take,
    give,
    token,
    idle,
    busy_op,
    config,
):
    """``rows`` × ``lanes`` columns that execute the instructions of ``sink_op`` (Stream(word=256), vector's of isa.py).

    ``sink_result``: the engine's result_stream. ``source_weights``: a Bundle of the lanes' slices of weights
    (Stream(data=256·rows)); ``source_logits``: a Bundle of beats to memory (Stream(address=32, data=beat_bits)).
    ``activation_write`` stores ``activation_data`` (lane l's int8 of row r in byte l·rows + r) as group
    ``activation_index`` of the activation buffer. ``entry`` → ``entry_word`` (rows · 32) a cycle later: the parameter
    word of a head's key or value. ``available``, ``take``, ``give``: see semaphore. ``token`` (rows · 32): per row the
    number of the largest logit. ``idle``: nothing to do; ``busy_op``: else the op code + 1. docs/vector.md has the
    cycles of every instruction.
    """
    lanes, rows, acc_bits = config.lanes, config.rows, config.acc_bits
    control, row_control, logits = ColumnControl(config), RowControl(config), LogitsControl()
    push_half, gather = Signal(bool(0)), Signal(bool(0))
    chunk = Signal(intbv(0)[5:])
    weights_rooms = [Signal(bool(0)) for _ in range(lanes)]
    weights_empties = [Signal(bool(0)) for _ in range(lanes)]
    logits_rooms = [Signal(bool(0)) for _ in range(lanes)]
    # A single lane's flag twice: the bit that vector() would put above it is never set.
    times = max(1, 2 // lanes)
    weights_flags, logits_flags, empty_flags = (
        vector(flags * times) for flags in (weights_rooms, logits_rooms, weights_empties)
    )
    weights_room, weights_taken, logits_room = (Signal(bool(0)) for _ in range(3))
    result_valid, result_ready = Signal(bool(0)), Signal(bool(0))
    parameters = Signal(intbv(0)[lanes * 32 :])
    data = Signal(intbv(0)[lanes * rows * acc_bits :])
    vector_control(
        sink_op=sink_op,
        result_valid=result_valid,
        result_ready=result_ready,
        room_for_weights=weights_room,
        weights_taken=weights_taken,
        room_for_logits=logits_room,
        available=available,
        control=control,
        row_control=row_control,
        logits=logits,
        push_half=push_half,
        activation_write=activation_write,
        activation_index=activation_index,
        gather=gather,
        chunk=chunk,
        take=take,
        give=give,
        idle=idle,
        busy_op=busy_op,
        config=config,
    )
    unused(sink_result.last)

    @always_comb
    def results():
        result_valid.next = sink_result.valid
        sink_result.ready.next = result_ready
        parameters.next = sink_result.parameter
        data.next = sink_result.data

    full_weights, full_logits, left_weights = (Signal(intbv(0)[max(2, lanes) :]) for _ in range(3))

    @always_comb
    def missing_rooms():
        full_weights.next = ~weights_flags
        full_logits.next = ~logits_flags
        left_weights.next = ~empty_flags

    @always_comb
    def rooms():
        weights_room.next = full_weights == 0
        logits_room.next = full_logits == 0
        weights_taken.next = left_weights == 0

    level_parts, entry_words, tokens = [], [], []
    values = [Signal(intbv(0)[lanes * 32 :]) for _ in range(rows)]
    tops = [Signal(intbv(0)[lanes * 128 :]) for _ in range(rows)]
    for r in range(rows):
        place = Signal(intbv(0)[4:])
        sums = Signal(intbv(0)[lanes * acc_bits :])
        levels, word = Signal(intbv(0)[lanes * 8 :]), Signal(intbv(0)[256:])
        level_part, entry_part = Signal(intbv(0)[lanes * 8 :]), Signal(intbv(0)[32:])
        constant(clk, place, r)
        row_sums(data=data, sums=sums, row=r, config=config)
        row(
            control=control,
            row_control=row_control,
            number=place,
            sums=sums,
            parameters=parameters,
            other_entry=entry,
            levels=levels,
            values=values[r],
            word=word,
            tops=tops[r],
            entry_word=entry_part,
            config=config,
        )
        level_group(levels=levels, word=word, gather=gather, chunk=chunk, part=level_part)
        level_parts.append(level_part)
        entry_words.append(entry_part)
    all_entries = vector(entry_words)
    all_levels = Signal(intbv(0)[rows * lanes * 8 :])
    level_bytes = [level_parts[r](8 * c + 8, 8 * c) for c in range(lanes) for r in range(rows)]
    together(parts=level_bytes, whole=all_levels)

    bests = [Signal(intbv(0)[rows * 32 :]) for _ in range(lanes)]
    best_indices = [Signal(intbv(0)[rows * 32 :]) for _ in range(lanes)]
    for c in range(lanes):
        place = Signal(intbv(0)[6:])
        lane_values, halves = Signal(intbv(0)[rows * 32 :]), Signal(intbv(0)[rows * 128 :])
        value_parts = [values[r](32 * c + 32, 32 * c) for r in range(rows)]
        top_parts = [tops[r](128 * c + 128, 128 * c) for r in range(rows)]
        constant(clk, place, c)
        together(parts=value_parts, whole=lane_values)
        together(parts=top_parts, whole=halves)
        weights_packer(
            push=push_half,
            halves=halves,
            source=source_weights[c],
            room=weights_rooms[c],
            empty=weights_empties[c],
            config=config,
        )
        lane_logits(
            logits=logits,
            place=place,
            values=lane_values,
            source=source_logits[c],
            room=logits_rooms[c],
            best=bests[c],
            best_index=best_indices[c],
            config=config,
        )

    for r in range(rows):
        found = [(Signal(signed(32)), Signal(intbv(0)[32:])) for _ in range(lanes)]
        for c in range(lanes):
            part_of_row(best=bests[c], index=best_indices[c], row=r, value=found[c][0], number=found[c][1])
        while len(found) > 1:
            merged = [(Signal(signed(32)), Signal(intbv(0)[32:])) for _ in range(len(found) // 2)]
            for i in range(len(merged)):
                argmax_merge(
                    value_a=found[2 * i][0],
                    index_a=found[2 * i][1],
                    value_b=found[2 * i + 1][0],
                    index_b=found[2 * i + 1][1],
                    best=merged[i][0],
                    best_index=merged[i][1],
                )
            found = merged
        unused(found[0][0])
        tokens.append(found[0][1])
    all_tokens = vector(tokens)
    keep = Signal(bool(0))

    @always_comb
    def outputs():
        activation_data.next = all_levels
        entry_word.next = all_entries
        keep.next = logits.keep

    @always(clk.posedge)
    def keep_token():
        if rst:
            token.next = 0
        elif keep:
            token.next = all_tokens


@block
def row_sums(data, sums, row, config):
    """One row's sums of all lanes."""
    width = config.acc_bits
    parts = [Signal(intbv(0)[width:]) for _ in range(config.lanes)]
    for lane in range(config.lanes):
        first = (lane * config.rows + row) * width
        wire(data(first + width, first), parts[lane])
    together(parts=parts, whole=sums)


@block
def together(parts, whole):
    """Parts side by side, the first lowest."""
    copies = [Signal(intbv(0)[len(part) :]) for part in parts]
    for i in range(len(parts)):
        wire(parts[i], copies[i])
    joined = vector(copies)

    @always_comb
    def join():
        whole.next = joined


@block
def part_of_row(best, index, row, value, number):
    first, end = 32 * row, 32 * row + 32

    @always_comb
    def copy():
        value.next = best[end:first].signed()
        number.next = index[end:first]


@block
def level_group(levels, word, gather, chunk, part):
    """The columns' levels, or ``lanes`` of the 32 in a word."""
    width = len(part)
    shifted, wide_chunk = Signal(intbv(0)[256:]), Signal(intbv(0)[9:])

    @always_comb
    def widen():
        wide_chunk.next = chunk

    @always_comb
    def shift():
        shifted.next = word >> (wide_chunk * width)

    @always_comb
    def select():
        if gather:
            part.next = shifted[width:]
        else:
            part.next = levels


def vector_ports(config):
    """Arguments for vector_unit() by name, without clock and reset."""
    rows, lanes = config.rows, config.lanes
    return {
        "sink_op": Stream(word=256),
        "sink_result": result_stream(config),
        "source_weights": Bundle("ch", [Stream(data=256 * rows) for _ in range(lanes)]),
        "source_logits": Bundle("ch", [Stream(address=32, data=config.beat_bits) for _ in range(lanes)]),
        "activation_write": Signal(bool(0)),
        "activation_index": Signal(intbv(0)[16:]),
        "activation_data": Signal(intbv(0)[rows * lanes * 8 :]),
        "entry": Signal(intbv(0)[8:]),
        "entry_word": Signal(intbv(0)[rows * 32 :]),
        "available": Signal(bool(0)),
        "take": Signal(bool(0)),
        "give": Signal(bool(0)),
        "token": Signal(intbv(0)[rows * 32 :]),
        "idle": Signal(bool(0)),
        "busy_op": Signal(intbv(0)[6:]),
        "config": config,
    }
