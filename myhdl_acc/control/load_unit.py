"""Sends slices, queries, and new keys and values from the activation buffer to the engine."""

from myhdl import Signal, always, always_comb, always_seq, block, intbv, modbv

from myhdl_acc.control.isa import COMMON, FIELDS, OPS
from myhdl_acc.convert.entity import entity
from myhdl_acc.engine.command import NEW_KEY, NEW_VALUE, SLICE
from myhdl_acc.hdl.wiring import bit_field, unused, vector, wire
from myhdl_acc.stream.stream import unsigned

LATENCY = 3  #: cycles from an instruction to its first word: its registers, the buffer, the spreading

_SLICE, _QUERY, _KEY, _VALUE = range(len(OPS["load"]))
_PLACES = {"op": COMMON["op"], **FIELDS["load"]}
#: P − 1 by log2 P, cut to the bits of a lane's number.
_MASKS = tuple(min(1 << log2, 64) - 1 for log2 in range(16))


@entity(outputs=("take", "post", "read", "read_address", "entry", "idle"))
def load_unit(
    clk, rst, sink, source, available, take, post, read, read_address, buffer_word, entry, table_word, idle, config
):
    """Execute load instructions (docs/instructions.md), a word of ``source`` per cycle, also across instructions.

    sink: Stream(word=256); source: the engine's load_stream. An instruction with ``wait`` begins when ``available`` is
    high and pulses ``take``; one with ``post`` pulses ``post`` when its last word has been read. ``read``,
    ``read_address``, ``buffer_word``: activation_buffer's read port. ``table_word`` is the vector unit's table at
    ``entry``, a parameter word of 32 bits per row, at most ``atoms`` cycles later. ``idle``: nothing is held.

    Lane l's head is e = min(l mod P, heads − 1), at word ``address`` + e·``stride``, its parameter in ``entry`` + e.
    ``dims`` is a multiple of 32, at most 16·atoms; a slice has at least one word, ``heads`` is at least 1. The first
    word comes LATENCY cycles after the instruction; ``source`` may stall.
    """
    atoms, lanes, rows = config.atoms, config.lanes, config.rows
    final_atom, final_lane, half_beat = atoms - 1, lanes - 1, atoms // 2
    step_bits = atoms.bit_length()
    busy, start, finish, advance, issue = (Signal(bool(0)) for _ in range(5))
    op = Signal(intbv(0)[2:])
    address, words, valid, stride, first_entry = (Signal(intbv(0)[16:]) for _ in range(5))
    base, entry_now, next_base, next_entry, index, place = (Signal(modbv(0)[16:]) for _ in range(6))
    atoms_used = Signal(intbv(0)[12:])
    heads, head = Signal(intbv(0)[8:]), Signal(intbv(0, min=0, max=255))
    lane, next_lane, mask = (Signal(intbv(0)[6:]) for _ in range(3))
    step, atom = Signal(intbv(0)[step_bits:]), Signal(intbv(0)[step_bits:])
    twice, gives, is_slice, is_param, empty, end_lane, end_all = (Signal(bool(0)) for _ in range(7))
    new = {name: Signal(unsigned(width)) for name, (_, width) in _PLACES.items()}
    new_op, new_wait, new_post, new_heads_log2, new_heads, new_address = (
        new[name] for name in ("op", "wait", "post", "heads_log2", "heads", "address")
    )
    new_words, new_valid, new_stride, new_dims, new_entry = (
        new[name] for name in ("words", "valid", "stride", "dims", "entry")
    )
    fields = [bit_field(sink.word, field, _PLACES[name][0]) for name, field in new.items()]
    unused(sink.word)
    # Stage 1 has the buffer's word; stage 2 is ``source``.
    valid1, empty1, upper1, spread1, parameter1, give1 = (Signal(bool(0)) for _ in range(6))
    lane1 = Signal(intbv(0)[len(source.lane) :])
    kind1 = Signal(intbv(0)[2:])
    held = Signal(bool(0))

    @always_comb
    def flow():
        advance.next = source.ready or not held
        issue.next = busy and (source.ready or not held)
        source.valid.next = held

    @always_comb
    def accept():
        start.next = sink.valid and (finish or not busy) and (available or not new_wait)
        sink.ready.next = (finish or not busy) and (available or not new_wait)
        take.next = sink.valid and (finish or not busy) and available and new_wait

    @always_comb
    def position():
        is_slice.next = op == _SLICE
        is_param.next = step == atoms
        if twice and step >= half_beat:
            atom.next = step - half_beat
        else:
            atom.next = step
        next_lane.next = (lane + 1) & mask

    @always_comb
    def limits():
        if is_slice:
            empty.next = index >= valid
            end_lane.next = True
            end_all.next = index == words - 1
        else:
            empty.next = not is_param and atom >= atoms_used
            if op == _QUERY:
                end_lane.next = step == final_atom
            else:
                end_lane.next = is_param
            end_all.next = lane == final_lane and end_lane
        finish.next = issue and end_all

    @always_comb
    def next_head():
        if next_lane == 0:
            next_base.next = address
            next_entry.next = first_entry
        elif head + 1 < heads:
            next_base.next = base + stride
            next_entry.next = entry_now + 1
        else:
            next_base.next = base
            next_entry.next = entry_now

    @always_comb
    def locate():
        if is_slice:
            place.next = base + index
        else:
            place.next = base + (atom >> 1)

    @always_comb
    def buffer_port():
        read.next = issue and not empty and not is_param
        read_address.next = place[len(read_address) :]

    @always(clk.posedge)
    def walk():
        if start:
            op.next = new_op[2:]
            address.next = new_address
            base.next = new_address
            words.next = new_words
            valid.next = new_valid
            stride.next = new_stride
            atoms_used.next = new_dims[:4]
            first_entry.next = new_entry
            entry_now.next = new_entry
            heads.next = new_heads
            gives.next = new_post
            twice.next = new_op == _QUERY and new_dims[:4] <= half_beat
            index.next = 0
            lane.next = 0
            head.next = 0
            step.next = 0
        elif issue:
            index.next = index + 1
            if end_lane:
                step.next = 0
                lane.next = lane + 1
                base.next = next_base
                entry_now.next = next_entry
                if next_lane == 0:
                    head.next = 0
                elif head + 1 < heads:
                    head.next = head + 1
            else:
                step.next = step + 1

    @always(clk.posedge)
    def period():
        if start:
            mask.next = _MASKS[int(new_heads_log2)]

    @always_seq(clk.posedge, reset=rst)
    def occupy():
        if start:
            busy.next = True
        elif finish:
            busy.next = False
        if advance:
            valid1.next = busy
            held.next = valid1

    @always(clk.posedge)
    def stage():
        if advance:
            empty1.next = empty
            upper1.next = atom[0]
            spread1.next = not is_slice
            parameter1.next = is_param and not is_slice
            give1.next = gives and end_all
            if is_slice:
                lane1.next = 0
            else:
                lane1.next = lane[len(lane1) :]
            if op == _KEY:
                kind1.next = NEW_KEY
            elif op == _VALUE:
                kind1.next = NEW_VALUE
            else:
                kind1.next = SLICE
            entry.next = entry_now

    @always(clk.posedge)
    def output():
        if advance:
            source.lane.next = lane1
            source.broadcast.next = not spread1
            source.kind.next = kind1

    @always_comb
    def show():
        post.next = advance and valid1 and give1
        idle.next = not busy and not valid1 and not held

    data = [Signal(intbv(0)[256:]) for _ in range(rows)]
    all_words, all_entries = Signal(intbv(0)[256 * rows :]), Signal(intbv(0)[32 * rows :])
    copies = wire(buffer_word, all_words), wire(table_word, all_entries)
    rows_data = [
        row_data(
            clk, advance, all_words(256 * r + 256, 256 * r), all_entries(32 * r + 32, 32 * r), empty1, upper1, spread1,
            parameter1, data[r],
        )
        for r in range(rows)
    ]  # fmt: skip
    return (
        fields, flow, accept, position, limits, next_head, locate, buffer_port, walk, period, occupy, stage, output,
        show, copies, rows_data, wire(vector(data), source.data),
    )  # fmt: skip


@block
def row_data(clk, advance, word, table_word, empty, upper, spread, is_param, data):
    """One row's bits of a word: the buffer's, half of them spread, the table's, or zeros."""
    row = Signal(intbv(0)[256:])
    half = Signal(intbv(0)[128:])
    # Elements 2g and 2g + 1 of the half go to bytes 4g and 4g + 1.
    parts = []
    for group in range(8):
        parts += [half(16 * group + 16, 16 * group), intbv(0)[16:]]
    spread_half = vector(parts)

    @always_comb
    def choose():
        if upper:
            half.next = row[256:128]
        else:
            half.next = row[128:]

    @always(clk.posedge)
    def register():
        if advance:
            if empty:
                data.next = 0
            elif is_param:
                data.next = table_word
            elif spread:
                data.next = spread_half
            else:
                data.next = row

    return wire(word, row), choose, register
