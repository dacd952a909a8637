"""Executes the vector unit's instructions, one after the other."""

from myhdl import Signal, always, always_comb, block, concat, intbv, modbv

from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.stream.stream import signed
from myhdl_acc.hdl.wiring import wire
from myhdl_acc.rtl.control.isa import COMMON, FIELDS
from myhdl_acc.rtl.vector.arith import rope_angle as rope_angle_unit
from myhdl_acc.rtl.vector.arith.butterfly import latency as butterfly_latency
from myhdl_acc.rtl.vector.arith.rope_angle import rope_angle
from myhdl_acc.rtl.vector.unit import latencies as chain
from myhdl_acc.rtl.vector.unit.column_control import (
    COLUMN_PEAK,
    HIGH,
    NEGATED_LOW,
    ROW_PEAK,
    SEGMENT_PEAK,
    SUM,
    TOTAL,
    pairs,
)
from myhdl_acc.rtl.vector.unit.instructions import (
    COLUMN_FLAGS,
    CORRECTION,
    FLAGS,
    INSTRUCTIONS,
    LARGEST,
    LEAST,
    LONGEST,
    NOTHING,
    PEAK,
    SCALES,
    TOKEN,
    code,
)
from myhdl_acc.rtl.vector.unit.instructions import SUM as SQUARES

IDLE, PREPARING, RUN, FLUSH, REDUCE, SECOND, COLUMNS, DRAIN, PAD, ANGLE, FINISH = range(11)
#: Instructions with a state, a buffer or a scale of their own.
_ANGLE, _SELECT, _GATHER, _LOGITS, _WEIGHTS, _QUANTISE, _MIX, _SOFTMAX = (
    code(op) for op in ("angle", "select", "gather", "logits", "weights", "quantise", "mix", "softmax")
)


class LogitsControl:
    """To the lanes' logits: ``commit`` takes the rows' values as elements ``index`` of their lanes and row ``row``'s
    for the beats, ``pad`` fills a beat, ``clear`` begins a new search, ``start`` a new place to write to, ``address``.
    With ``partial`` only the first ``heads`` lanes' elements count. ``keep``: the search is over."""

    def __init__(self):
        for name in ("commit", "pad", "clear", "start", "keep", "partial"):
            setattr(self, name, Signal(bool(0)))
        self.row = Signal(intbv(0)[4:])
        self.heads = Signal(intbv(0)[8:])
        for name in ("index", "address"):
            setattr(self, name, Signal(intbv(0)[32:]))


def part(word, name, fields):
    """A field of a word as a signal of its own."""
    first, width = fields[name]
    return word(first) if width == 1 else word(first + width, first)


@entity(
    outputs=(
        "result_ready",
        "control",
        "row_control",
        "logits",
        "push_half",
        "activation_write",
        "activation_index",
        "gather",
        "chunk",
        "take",
        "give",
        "idle",
        "busy_op",
    )
)
def vector_control(
    clk,
    rst,
    sink_op,
    result_valid,
    result_ready,
    room_for_weights,
    weights_taken,
    room_for_logits,
    available,
    control,
    row_control,
    logits,
    push_half,
    activation_write,
    activation_index,
    gather,
    chunk,
    take,
    give,
    idle,
    busy_op,
    config,
):
    """One instruction at a time: prepare the scales, run an index per cycle, wait for the last value, reduce, go on.

    ``sink_op``: raw instructions (isa.py), checked before. ``result_valid``/``result_ready``: the engine's result
    words. ``room_for_weights``, ``room_for_logits``: what takes weights and logits may be given more;
    ``weights_taken``: nothing is left there; ``available``, ``take``, ``give``: the semaphore. ``control``,
    ``row_control``, ``logits``: to columns, rows and the lanes' logits. ``push_half`` hands the columns' last 16 levels
    over as weights; ``activation_write`` stores the levels, or with ``gather`` part ``chunk`` of column 0's word, at
    ``activation_index``. An operation of n indices takes n cycles (2n where heads have two statistics) and what
    docs/vector.md lists.
    """
    lanes = config.lanes
    address_bits, value_bits = len(control.address), len(control.value_address)
    lanes_log2 = (lanes - 1).bit_length()
    block_bits = (16 * config.atoms - 1).bit_length()
    butterfly = butterfly_latency(lanes)
    step, of_range, weight, query = chain.STEP, chain.RANGE, chain.WEIGHT, chain.QUERY
    scales_pushed, range_pushed = butterfly + step, 1 + butterfly + of_range
    norm_pushed = butterfly + chain.HEAD_NORM
    longest_push = sorted((scales_pushed, range_pushed))[-1]
    beat_mask = config.beat_bits // 32 - 1
    parts, parts_log2 = 32 // lanes, 5 - lanes_log2
    half_group = 16 * config.atoms
    token_wait = butterfly + 3
    angle_wait = rope_angle_unit.LATENCY

    state = Signal(intbv(0)[4:])
    arrived, held = Signal(intbv(0)[256:]), Signal(intbv(0)[256:])
    fields = FIELDS["vector"] | COMMON
    new_op, waits, new_count = (
        part(arrived, "op", fields),
        part(arrived, "wait", fields),
        part(arrived, "count", fields),
    )
    new_src, new_dst, new_dims = (
        part(arrived, "src", fields),
        part(arrived, "dst", fields),
        part(arrived, "dims", fields),
    )
    new_entry = arrived(fields["entry"][0] + 8, fields["entry"][0])
    op, first, is_last = part(held, "op", fields), part(held, "first", fields), part(held, "last", fields)
    posts, half, bank = part(held, "post", fields), part(held, "part", fields), part(held, "bank", fields)
    heads_log2, heads, stride = (
        part(held, "heads_log2", fields),
        part(held, "heads", fields),
        part(held, "stride", fields),
    )
    head_stage = held(fields["heads_log2"][0] + 3, fields["heads_log2"][0])
    first_row, base_entry = part(held, "row", fields), held(fields["entry"][0] + 8, fields["entry"][0])
    filled, sinks, eps = part(held, "filled", fields), part(held, "sinks", fields), part(held, "eps", fields)
    mantissa, exponent_bits = part(held, "mantissa", fields), part(held, "exponent", fields)
    position, increment, pair = (
        part(held, "position", fields),
        part(held, "increment", fields),
        part(held, "pair", fields),
    )
    beat_address = part(held, "address", fields)
    flags, latency, prepare = Signal(intbv(0)[31:]), Signal(intbv(0)[6:]), Signal(intbv(0)[7:])
    needs_result, segmented, slow = (
        part(flags, "result", FLAGS),
        part(flags, "segmented", FLAGS),
        part(flags, "slow", FLAGS),
    )
    from_range, use_table = part(flags, "from_range", FLAGS), part(flags, "use_table", FLAGS)
    after, new_step = part(flags, "after", FLAGS), part(flags, "step", FLAGS)
    from_row, from_squares = part(flags, "from_row", FLAGS), part(flags, "from_squares", FLAGS)
    tracks_total, stores_levels = part(flags, "track_total", FLAGS), part(flags, "activation", FLAGS)
    new_flags, new_latency, new_prepare = Signal(intbv(0)[31:]), Signal(intbv(0)[6:]), Signal(intbv(0)[7:])
    accept = Signal(bool(0))
    remaining, flying = Signal(intbv(0)[16:]), Signal(intbv(0)[7:])
    address, destination, token = Signal(intbv(0)[16:]), Signal(intbv(0)[16:]), Signal(intbv(0)[16:])
    in_head, last_in_head = Signal(intbv(0)[8:]), Signal(modbv(0)[8:])
    entry, written = Signal(intbv(0)[8:]), Signal(intbv(0)[8:])
    n, m = Signal(intbv(0)[8:]), Signal(intbv(0)[8:])
    odd, untouched = Signal(bool(0)), Signal(bool(0))
    go, issue, commit, segment_end, push, fresh = (Signal(bool(0)) for _ in range(6))
    issue_line, fresh_line, end_line = (Signal(intbv(0)[LONGEST + 1 :]) for _ in range(3))
    push_line = Signal(intbv(0)[longest_push + 1 :])
    shift_line = Signal(intbv(0)[query + 1 :])
    weight_line = Signal(intbv(0)[weight + 1 :])
    half_pushed, settled, room, whole_beats, ending = (Signal(bool(0)) for _ in range(5))
    bytes_pushed, activation = Signal(intbv(0)[16:]), Signal(intbv(0)[16:])
    element = Signal(intbv(0)[32:])
    early, untaken, first_activation = Signal(bool(0)), Signal(bool(0)), Signal(intbv(0)[16:])
    words_at_once = parts == 1
    word_place, column_word = Signal(intbv(0)[16:]), Signal(intbv(0)[16:])
    wide_block, slot_block = Signal(intbv(0)[32:]), Signal(intbv(0)[32:])
    in_block = token(block_bits, 0)
    in_pair = token(block_bits + 1, 0)
    spread = Signal(intbv(0)[4:])
    cosine, sine = Signal(signed(18)), Signal(signed(18))
    rope_angle(position=position, increment=increment, cosine=cosine, sine=sine)
    column_head, head_entry = Signal(modbv(0)[8:]), Signal(modbv(0)[8:])
    place_of_head = Signal(intbv(0)[8:])
    shifting_query, shifting_statistics = Signal(bool(0)), Signal(bool(0))
    scales_now, sum_now = Signal(bool(0)), Signal(bool(0))
    look_up(op=new_op, flags=new_flags, latency=new_latency, prepare=new_prepare, lanes=lanes)

    @always_comb
    def new_word():
        arrived.next = sink_op.word

    @always_comb
    def admit():
        accept.next = state == IDLE and sink_op.valid and (not waits or available)
        sink_op.ready.next = state == IDLE and (not waits or available)
        take.next = state == IDLE and sink_op.valid and waits and available
        idle.next = state == IDLE and not sink_op.valid
        if state == IDLE:
            busy_op.next = 0
        else:
            busy_op.next = op + 1

    # An index begins (stage 0).
    @always_comb
    def rooms():
        if op == _WEIGHTS:
            # Only where a second half begins: what the first slices gave has long been taken into account.
            room.next = room_for_weights or in_pair != half_group
        elif op == _LOGITS:
            room.next = room_for_logits
        else:
            room.next = True

    @always_comb
    def may_go():
        go.next = state == RUN and remaining != 0 and room and not (slow and odd)

    @always_comb
    def begin():
        issue.next = go and (result_valid or not needs_result)
        result_ready.next = go and needs_result

    @always_comb
    def segments():
        segment_end.next = segmented and in_head == last_in_head
        if segmented:
            fresh.next = in_head == 0
        else:
            # A peak or least exponent is joined over columns after every pass: others come between its passes.
            fresh.next = untouched and (first or after == PEAK or after == LEAST)  # noqa: SIM109

    # Its value is there.
    @always_comb
    def arrive():
        commit.next = issue_line[latency]
        push.next = issue_line[latency] and end_line[latency]
        settled.next = flying == 0 and push_line == 0

    @always(clk.posedge)
    def lines():
        if rst:
            issue_line.next = 0
            push_line.next = 0
            shift_line.next = 0
            weight_line.next = 0
        else:
            if accept:
                # What has committed moves on beyond the tap; a later tap must not meet it.
                issue_line.next = 0
            else:
                issue_line.next = concat(issue_line[LONGEST:], issue)
            push_line.next = concat(push_line[longest_push:], push)
            shift_line.next = concat(shift_line[query:], shifting_query)
            weight_line.next = concat(weight_line[weight:], shifting_statistics)
        fresh_line.next = concat(fresh_line[LONGEST:], fresh)
        end_line.next = concat(end_line[LONGEST:], segment_end)

    @always(clk.posedge)
    def counters():
        if accept:
            held.next = arrived
            flags.next = new_flags
            latency.next = new_latency
            prepare.next = new_prepare
            remaining.next = new_count
            address.next = new_src
            destination.next = new_dst
            token.next = 0
            in_head.next = 0
            last_in_head.next = (new_dims >> lanes_log2) - 1
            entry.next = new_entry
            written.next = new_entry
            untouched.next = True
            odd.next = False
            bytes_pushed.next = 0
            word_place.next = new_dst
            activation.next = (new_dst << parts_log2) & 65535
            first_activation.next = (new_dst << parts_log2) & 65535
        else:
            if state == PREPARING and op == _LOGITS and first:
                element.next = 0
            odd.next = issue
            if issue:
                remaining.next = remaining - 1
                address.next = address + 1
                token.next = token + 1
                untouched.next = False
                if in_head == last_in_head:
                    in_head.next = 0
                    if use_table:
                        entry.next = entry + 1
                else:
                    in_head.next = in_head + 1
            if commit:
                destination.next = destination + 1
                activation.next = activation + 1
                bytes_pushed.next = bytes_pushed + 1
                element.next = element + 1
            elif state == PAD and not whole_beats:
                bytes_pushed.next = bytes_pushed + 1
            if scales_now or sum_now:
                written.next = written + 1
            if state == DRAIN and n == heads - 1 and m == parts - 1:
                word_place.next = word_place + 1

    @always(clk.posedge)
    def in_flight():
        if rst:
            flying.next = 0
        elif issue and not commit:
            flying.next = flying + 1
        elif commit and not issue:
            flying.next = flying - 1

    @always(clk.posedge)
    def sequence():
        if rst:
            state.next = IDLE
        else:
            if state == IDLE:
                n.next = 0
                m.next = 0
                if accept:
                    state.next = PREPARING
            elif state == PREPARING:
                n.next = n + 1
                if n == prepare:
                    n.next = 0
                    if op == _ANGLE:
                        state.next = ANGLE
                    elif op == _SELECT:
                        state.next = COLUMNS
                    else:
                        state.next = RUN
            elif state == RUN:
                n.next = 0
                m.next = 0
                if (op == _GATHER and issue and token[5:] == 31) or remaining == 0:
                    state.next = FLUSH
            elif state == FLUSH:
                if settled:
                    if op == _GATHER:
                        state.next = DRAIN
                    elif op == _LOGITS and not whole_beats:
                        state.next = PAD
                    elif after == PEAK or after == LEAST or (is_last and after != NOTHING):  # noqa: SIM109
                        state.next = REDUCE
                    else:
                        state.next = FINISH
            elif state == DRAIN:
                if m == parts - 1:
                    m.next = 0
                    n.next = n + 1
                    if n == heads - 1:
                        n.next = 0
                        if remaining == 0:
                            state.next = FINISH
                        else:
                            state.next = RUN
                else:
                    m.next = m + 1
            elif state == PAD:
                if whole_beats:
                    n.next = 0
                    if is_last:
                        state.next = REDUCE
                    else:
                        state.next = FINISH
            elif state == REDUCE:
                n.next = n + 1
                if after == TOKEN:
                    if n == token_wait:
                        state.next = FINISH
                elif n == butterfly:
                    n.next = 0
                    if after == SCALES:
                        state.next = SECOND
                    else:
                        state.next = FINISH
            elif state == SECOND:
                n.next = n + 1
                if n == butterfly:
                    n.next = 0
                    state.next = COLUMNS
            elif state == COLUMNS:
                if n != lanes:
                    n.next = n + 1
                elif shift_line == 0 and weight_line == 0:
                    state.next = FINISH
            elif state == ANGLE:
                n.next = n + 1
                if n == angle_wait:
                    state.next = FINISH
            elif not ending:
                # Slices of other operations may follow through the chain: the lanes must have taken these first.
                state.next = FINISH
            else:
                state.next = IDLE

    # Statistics of heads: their scales and sums go to the table when they come out of the butterfly.
    @always_comb
    def table_writes():
        # What else reads the table (use_table) leaves the scales in it alone.
        if from_squares:
            scales_now.next = push_line[norm_pushed]
        elif from_range:
            scales_now.next = push_line[range_pushed]
        else:
            scales_now.next = push_line[scales_pushed] and not use_table
        sum_now.next = tracks_total and stores_levels and push_line[butterfly]

    @always_comb
    def within_head():
        place_of_head.next = n - ((n >> heads_log2) << heads_log2)

    @always_comb
    def columns_in_turn():
        shifting_query.next = state == COLUMNS and op == _SELECT and n != lanes
        shifting_statistics.next = state == COLUMNS and op == _SOFTMAX and n != lanes
        if place_of_head < heads:
            column_head.next = place_of_head
        else:
            column_head.next = heads - 1

    @always(clk.posedge)
    def head_of_column():
        head_entry.next = base_entry + column_head * stride

    @always_comb
    def place_of_token():
        wide_block.next = token >> block_bits
        spread.next = lanes_log2 - heads_log2

    @always_comb
    def slots():
        slot_block.next = wide_block << spread

    @always(clk.posedge)
    def after_commit():
        if rst:
            half_pushed.next = False
        else:
            half_pushed.next = commit and op == _WEIGHTS and (bytes_pushed & 15) == 15

    @always(clk.posedge)
    def column_words():
        if state != DRAIN:
            column_word.next = word_place
        elif m == parts - 1:
            column_word.next = column_word + stride

    @always_comb
    def to_columns():
        control.issue.next = issue
        control.commit.next = commit
        control.fresh.next = fresh_line[latency]
        control.address.next = address[address_bits:]
        control.destination.next = destination[address_bits:]
        control.value_address.next = token[value_bits:]
        control.value_destination.next = destination[value_bits:]
        control.latency.next = latency
        control.slot.next = (slot_block << block_bits) + in_block
        control.sinks.next = sinks
        control.part.next = half
        control.heads_log2.next = heads_log2
        control.first.next = first

    for name in COLUMN_FLAGS:
        wire(part(flags, name, FLAGS), getattr(control, name))

    @always_comb
    def reductions():
        control.reduce.next = HIGH
        row_control.maximum.next = True
        row_control.first_stage.next = 0
        if state == SECOND:
            control.reduce.next = TOTAL
            row_control.maximum.next = False
            row_control.first_stage.next = head_stage
        elif state == REDUCE:
            if after == SQUARES or after == CORRECTION:  # noqa: SIM109 (``in`` does not convert)
                control.reduce.next = TOTAL
                row_control.maximum.next = False
            if after == LARGEST or after == LEAST or after == SCALES or after == CORRECTION:  # noqa: SIM109
                row_control.first_stage.next = head_stage
        elif op == _MIX:
            control.reduce.next = SUM
            row_control.maximum.next = False
            row_control.first_stage.next = head_stage
        elif tracks_total:
            control.reduce.next = TOTAL
            row_control.maximum.next = False
        elif from_range and push_line[1]:
            control.reduce.next = NEGATED_LOW

    @always_comb
    def captures():
        control.capture_largest.next = state == REDUCE and n == butterfly and after == LARGEST
        control.capture_least.next = state == REDUCE and n == butterfly and after == LEAST
        control.capture_correction.next = state == REDUCE and n == butterfly and after == CORRECTION
        control.capture_peak.next = state == REDUCE and n == butterfly and after == SCALES
        control.capture_total.next = state == SECOND and n == butterfly
        row_control.capture_peak.next = state == REDUCE and n == butterfly and after == PEAK
        row_control.capture_total.next = (state == REDUCE and n == butterfly and after == SQUARES) or (
            from_squares and push_line[butterfly]
        )
        row_control.capture_step.next = state == FINISH and new_step
        row_control.capture_high.next = from_range and push_line[butterfly]
        row_control.write_scales.next = scales_now
        row_control.write_sum.next = sum_now
        logits.keep.next = state == REDUCE and n == token_wait and after == TOKEN

    @always_comb
    def shifts():
        control.shift_statistics.next = shifting_statistics
        control.shift_query.next = shift_line[query]
        control.shift_weight.next = weight_line[weight - 1]
        control.shift_word.next = state == DRAIN and m == parts - 1

    @always_comb
    def to_rows():
        row_control.from_range.next = from_range
        row_control.from_squares.next = from_squares
        row_control.first.next = first
        row_control.use_table.next = use_table
        row_control.write_angle.next = state == ANGLE and n == angle_wait
        row_control.row.next = first_row
        row_control.from_row.next = from_row
        row_control.cosine.next = cosine
        row_control.sine.next = sine
        row_control.eps.next = eps
        row_control.exponent.next = exponent_bits.signed()
        row_control.constant_mantissa.next = mantissa
        row_control.constant_exponent.next = exponent_bits.signed()
        row_control.written.next = written
        row_control.filled.next = filled
        if op == _SELECT:
            row_control.entry.next = head_entry
        else:
            row_control.entry.next = entry
        if op == _SOFTMAX:
            row_control.scalar_source.next = COLUMN_PEAK
        elif segmented:
            row_control.scalar_source.next = SEGMENT_PEAK
        else:
            row_control.scalar_source.next = ROW_PEAK

    rope_places(pair=pair, bank=bank, in_head=in_head, row_control=row_control, lanes=lanes)

    @always_comb
    def to_buffers():
        push_half.next = half_pushed
        gather.next = state == DRAIN
        chunk.next = m[5:]
        activation_write.next = (commit and stores_levels) or state == DRAIN
        if state == DRAIN:
            activation_index.next = ((column_word << parts_log2) + m) & 65535
        else:
            activation_index.next = activation
        if early:
            # A word per cycle is written, and the load unit reads no faster, from the first word on.
            give.next = posts and commit and untaken
        else:
            give.next = state == FINISH and posts and ending

    @always_comb
    def early_post():
        early.next = words_at_once and op == _QUANTISE
        untaken.next = activation == first_activation

    @always_comb
    def end():
        ending.next = op != _WEIGHTS or not posts or weights_taken

    @always_comb
    def pads():
        whole_beats.next = (bytes_pushed & beat_mask) == 0

    @always_comb
    def to_logits():
        logits.commit.next = commit and op == _LOGITS
        logits.pad.next = state == PAD and not whole_beats
        logits.start.next = state == PREPARING and op == _LOGITS
        logits.clear.next = state == PREPARING and op == _LOGITS and first
        logits.row.next = first_row
        logits.heads.next = heads
        logits.index.next = element
        logits.address.next = beat_address
        logits.partial.next = remaining == 0 and flying == 1


@block
def look_up(op, flags, latency, prepare, lanes):
    """An operation's properties, from ROM."""
    words, latencies, preparations = roms(lanes)

    @always_comb
    def read_flags():
        flags.next = words[int(op)]

    @always_comb
    def read_latency():
        latency.next = latencies[int(op)]

    @always_comb
    def read_prepare():
        prepare.next = preparations[int(op)]


def roms(lanes):
    """Flags, latencies and cycles of preparation, the last with one for what is registered on the way to the columns:
    an entry for every code that the field can have."""
    rows = INSTRUCTIONS.values()
    unused_codes = (0,) * ((1 << COMMON["op"][1]) - len(rows))
    columns = zip(*((row.word(), row.latency_with(lanes), 1 + row.prepare) for row in rows), strict=True)
    return tuple(column + unused_codes for column in columns)


@block
def rope_places(pair, bank, in_head, row_control, lanes):
    """Where a pair's angle lies: the pair of columns, the index of its first element in_head a head, near or far."""
    index_bits = len(row_control.angle_read) - 1
    pair_mask = pairs(lanes) - 1
    pairs_log2 = pair_mask.bit_length()
    in_column = int(lanes == 1)
    index = Signal(intbv(0)[len(pair) :])

    @always_comb
    def index_in_head():
        index.next = ((pair >> pairs_log2) << in_column) & 65535

    @always_comb
    def place():
        row_control.angle_pair.next = pair & pair_mask
        row_control.angle_written.next = concat(bank, index[index_bits:])
        row_control.angle_read.next = concat(bank, in_head[index_bits:])
