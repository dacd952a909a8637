"""The vector unit: everything between the engine's products."""

from myhdl import Signal, always, always_comb, block, intbv

from myhdl_acc.convert.entity import entity
from myhdl_acc.engine.command import result_stream
from myhdl_acc.stream import Bundle
from myhdl_acc.stream.stream import Stream, signed
from myhdl_acc.stream.wiring import constant, unused, vector, wire
from myhdl_acc.vector.argmax_merge import argmax_merge
from myhdl_acc.vector.column_control import ColumnControl, RowControl
from myhdl_acc.vector.lane_logits import lane_logits
from myhdl_acc.vector.row import row
from myhdl_acc.vector.vector_control import LogitsControl, vector_control
from myhdl_acc.vector.weights_packer import weights_packer


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
    sequence = vector_control(
        clk, rst, sink_op, result_valid, result_ready, weights_room, weights_taken, logits_room, available, control,
        row_control, logits, push_half, activation_write, activation_index, gather, chunk, take, give, idle, busy_op,
        config,
    )  # fmt: skip
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

    row_units, level_parts, entry_words, tokens = [], [], [], []
    values = [Signal(intbv(0)[lanes * 32 :]) for _ in range(rows)]
    tops = [Signal(intbv(0)[lanes * 128 :]) for _ in range(rows)]
    for r in range(rows):
        place = Signal(intbv(0)[4:])
        sums = Signal(intbv(0)[lanes * acc_bits :])
        levels, word = Signal(intbv(0)[lanes * 8 :]), Signal(intbv(0)[256:])
        level_part, entry_part = Signal(intbv(0)[lanes * 8 :]), Signal(intbv(0)[32:])
        row_units += [
            constant(clk, place, r),
            row_sums(data, sums, r, config),
            row(
                clk, control, row_control, place, sums, parameters, entry, levels, values[r], word, tops[r], entry_part,
                config,
            ),
            level_group(levels, word, gather, chunk, level_part),
        ]  # fmt: skip
        level_parts.append(level_part)
        entry_words.append(entry_part)
    all_entries = vector(entry_words)
    all_levels = Signal(intbv(0)[rows * lanes * 8 :])
    level_bytes = [level_parts[r](8 * c + 8, 8 * c) for c in range(lanes) for r in range(rows)]
    levels_together = together(level_bytes, all_levels)

    lane_units = []
    bests = [Signal(intbv(0)[rows * 32 :]) for _ in range(lanes)]
    best_indices = [Signal(intbv(0)[rows * 32 :]) for _ in range(lanes)]
    for c in range(lanes):
        place = Signal(intbv(0)[6:])
        lane_values, halves = Signal(intbv(0)[rows * 32 :]), Signal(intbv(0)[rows * 128 :])
        value_parts = [values[r](32 * c + 32, 32 * c) for r in range(rows)]
        top_parts = [tops[r](128 * c + 128, 128 * c) for r in range(rows)]
        lane_units += [
            constant(clk, place, c),
            together(value_parts, lane_values),
            together(top_parts, halves),
            weights_packer(
                clk, rst, push_half, halves, source_weights[c], weights_rooms[c], weights_empties[c], config
            ),
            lane_logits(
                clk,
                rst,
                logits,
                place,
                lane_values,
                source_logits[c],
                logits_rooms[c],
                bests[c],
                best_indices[c],
                config,
            ),
        ]

    searches = []
    for r in range(rows):
        found = [
            (Signal(signed(32)), Signal(intbv(0)[32:])) for _ in range(lanes)
        ]  # fmt: skip
        searches += [part_of_row(bests[c], best_indices[c], r, *found[c]) for c in range(lanes)]
        while len(found) > 1:
            merged = [(Signal(signed(32)), Signal(intbv(0)[32:])) for _ in range(len(found) // 2)]
            searches += [argmax_merge(clk, *found[2 * i], *found[2 * i + 1], *merged[i]) for i in range(len(merged))]
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

    return (
        sequence,
        results,
        missing_rooms,
        rooms,
        row_units,
        levels_together,
        lane_units,
        searches,
        outputs,
        keep_token,
    )


@block
def row_sums(data, sums, row, config):
    """One row's sums of all lanes."""
    width = config.acc_bits
    parts = [Signal(intbv(0)[width:]) for _ in range(config.lanes)]
    copies = []
    for lane in range(config.lanes):
        first = (lane * config.rows + row) * width
        copies.append(wire(data(first + width, first), parts[lane]))
    whole = together(parts, sums)
    return copies, whole


@block
def together(parts, whole):
    """Parts side by side, the first lowest."""
    copies = [Signal(intbv(0)[len(part) :]) for part in parts]
    wires = [wire(part, own) for part, own in zip(parts, copies, strict=True)]
    joined = vector(copies)

    @always_comb
    def join():
        whole.next = joined

    return wires, join


@block
def part_of_row(best, index, row, value, number):
    first, end = 32 * row, 32 * row + 32

    @always_comb
    def copy():
        value.next = best[end:first].signed()
        number.next = index[end:first]

    return copy


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

    return widen, shift, select


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
