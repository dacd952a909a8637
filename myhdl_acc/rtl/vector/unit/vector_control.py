"""Executes the vector unit's instructions, one after the other."""

from myhdl import Signal, always, always_comb, block, concat, intbv

from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.record import Record
from myhdl_acc.rtl.vector.arith import rope_angle as rope_angle_unit
from myhdl_acc.rtl.vector.arith.rope_angle import rope_angle
from myhdl_acc.rtl.vector.unit import records
from myhdl_acc.rtl.vector.unit.activation_writes import activation_writes
from myhdl_acc.rtl.vector.unit.arrivals import arrivals
from myhdl_acc.rtl.vector.unit.column_shifts import column_shifts
from myhdl_acc.rtl.vector.unit.flags import COLUMN_FLAGS, STATISTIC_FLAGS, TOKEN
from myhdl_acc.rtl.vector.unit.head_statistics import head_statistics
from myhdl_acc.rtl.vector.unit.index_walk import index_walk
from myhdl_acc.rtl.vector.unit.lane_writes import lane_writes
from myhdl_acc.rtl.vector.unit.live_token import LATENCY as WRITTEN
from myhdl_acc.rtl.vector.unit.phases import (
    ANGLE,
    COLUMNS,
    DRAIN,
    FINISH,
    IDLE,
    PAD,
    PREPARE,
    REDUCE,
    RUN,
    draw_wait,
    phases,
    token_wait,
)
from myhdl_acc.rtl.vector.unit.records import ROW_PEAK, SEGMENT_PEAK, SHARED_PEAK, pairs
from myhdl_acc.rtl.vector.unit.reduction import reduction
from myhdl_acc.rtl.vector.unit.vector_decode import vector_decode


@entity(outputs=("control", "row_control", "orders", "activation", "said"))
def vector_control(
    clk, rst, sink_op, sink_result, lanes_ready, draws, control, row_control, orders, activation, said, config
):
    """One instruction at a time: prepare the scales, run an index per cycle, wait for the last value, reduce, go on.

    ``sink_op``: raw instructions (isa.py), checked before. ``sink_result``: the engine's result words, without payload.
    ``lanes_ready``: see lane_readiness; ``draws``: tokens are drawn, which takes longer. ``control``, ``row_control``,
    ``orders``, ``activation``: to columns, rows, the lanes' logits and weights, the activation buffer; ``said``: post,
    idle, busy_op. The records: see records. An operation of n indices takes n cycles (2n where heads have two
    statistics) and what docs/vector.md lists.
    """
    lanes = config.lanes
    # What columns, rows and lanes are told comes from registers.
    registered = control.only(*(name for name in control.members() if name not in ("take", "reduce")))
    columns, rows, to_lanes, levels = (told.like() for told in (registered, row_control, orders, activation))
    columns.delay(1) >> registered
    rows.delay(1) >> row_control
    to_lanes.delay(1) >> orders
    levels.delay(1) >> activation
    now, index, arrival = records.instruction(), records.index(), records.arrival()
    phase, cycle = Signal(intbv(0)[4:]), Signal(intbv(0)[8:])
    accept, push, pending = (Signal(bool(0)) for _ in range(3))
    during = Record(start=1, run=1, columns=1, drain=1, pad=1)
    seen = Record(none_left=index.none_left, block_end=index.block_end, settled=1, drained=1, whole_beats=1, shifted=1)
    admission(sink_op=sink_op, phase=phase, op=now.op, accept=accept, said=said)
    vector_decode(word=sink_op.word, accept=accept, now=now, lanes=lanes)
    phases(
        accept=accept,
        now=of(now, "prepare", "last", flags=("makes_angle", "selects", "push_byte", "step", "after")),
        seen=seen,
        draws=draws,
        phase=phase,
        cycle=cycle,
        config=config,
    )
    walk_flags = ("push_byte", "step", "after", "slow", "result", "segmented", "use_table", "alive_mode")
    index_walk(
        start=during.start,
        run=during.run,
        now=of(now, "first", "src", "count", "dims", "entry", "value_src", "dst", flags=walk_flags),
        room=Record(weights=lanes_ready.room_for_weights, logits=lanes_ready.room_for_logits),
        sink_result=sink_result,
        index=index,
        config=config,
    )
    arrivals(
        clear=accept,
        start=during.start,
        now=now.only("latency", "dst", "heads_log2"),
        index=index.only("issue", "fresh", "end"),
        arrival=arrival,
        config=config,
    )
    shown = Record(high=1, total=1, low=1)
    head_statistics(
        start=during.start,
        first_entry=now.entry,
        push=push,
        flags=now.flags.only("from_range", "from_squares", "use_table", "track_total", "activation"),
        table=rows.table.only("written", "scales", "sum"),
        shown=shown,
        pending=pending,
        lanes=lanes,
    )
    reduction(
        phase=phase,
        cycle=cycle,
        now=of(now, "first", "scaled", "heads_log2", flags=("after", "path", "track_total", "step")),
        shown=shown,
        reduce=control.reduce,
        join=rows.join,
        capture=columns.capture,
        row_capture=rows.capture,
        lanes=lanes,
    )
    selected = Signal(intbv(0)[8:])
    column_shifts(
        columns=during.columns,
        cycle=cycle,
        now=of(now, "entry", "stride", "heads", "heads_log2", flags=("selects", "after")),
        shift=columns.shift.only("query", "statistic", "mixed", "head"),
        entry=selected,
        shifted=seen.shifted,
    )
    early, first_group = Signal(bool(0)), Signal(bool(0))
    activation_writes(
        start=during.start,
        drain=during.drain,
        commit=arrival.commit,
        now=of(now, "dst", "stride", "heads", "row", "shared", flags=("activation",)),
        activation=levels,
        shift=columns.shift.word,
        drained=seen.drained,
        early=early,
        give=first_group,
        lanes=lanes,
    )
    lane_writes(
        start=during.start,
        pad=during.pad,
        arrival=arrival.only("commit", "last"),
        none_left=index.none_left,
        now=of(now, "first", "row", "heads", "address", flags=("after", "push_byte", "step")),
        orders=to_lanes.only("push_half", "logits"),
        whole_beats=seen.whole_beats,
        config=config,
    )
    broadcast(now=now, index=index, arrival=arrival, control=columns)
    broadcast_to_rows(now=now, entry=index.entry, selected=selected, row_control=rows)
    angle = rows.angle
    rope_angle(position=now.position, increment=now.increment, cosine=angle.cosine, sine=angle.sine)
    angle_places(now=now, in_head=index.in_head, angle=angle, lanes=lanes)
    longest_token, longest_draw, longest_angle = token_wait(lanes), draw_wait(config), rope_angle_unit.LATENCY
    given, known = Signal(bool(0)), Signal(bool(0))

    @always_comb
    def search():
        known.next = (cycle == longest_token and not draws) or cycle == longest_draw

    @always_comb
    def follow():
        during.start.next = phase == PREPARE and cycle == 0
        during.run.next = phase == RUN
        during.columns.next = phase == COLUMNS
        during.drain.next = phase == DRAIN
        during.pad.next = phase == PAD
        push.next = arrival.commit and arrival.end
        angle.write.next = phase == ANGLE and cycle == longest_angle
        seen.settled.next = arrival.none and not pending
        to_lanes.keep_token.next = phase == REDUCE and known and now.flags.after == TOKEN

    @always(clk.posedge)
    def give_early():
        given.next = early and now.post and first_group

    @always_comb
    def give():
        control.take.next = index.issue
        said.post.next = given or (phase == FINISH and now.post and not early)


def of(now, *names, flags):
    """What a block must know of the instruction in progress: these fields and flags."""
    return Record(**now.only(*names).members(), flags=now.flags.only(*flags))


@block
def admission(sink_op, phase, op, accept, said):
    """Takes an instruction while none is in progress."""

    @always_comb
    def admit():
        accept.next = phase == IDLE and sink_op.valid
        sink_op.ready.next = phase == IDLE

    @always_comb
    def show():
        said.idle.next = phase == IDLE and not sink_op.valid
        if phase == IDLE:
            said.busy_op.next = 0
        else:
            said.busy_op.next = op + 1


@block
def broadcast(clk, now, index, arrival, control):
    """What all columns are told of the index that is issued, and of the one whose value is there."""
    now.flags.only(*COLUMN_FLAGS) >> control.flags
    now.flags.only(*STATISTIC_FLAGS) >> control.statistics
    slots = ("part", "sinks", "cut", "heads_log2")
    now.only(*slots) >> control.token.only(*slots)
    index.only("issue") >> control.only("issue")
    arrival.only("slot") >> control.token.only("slot")
    arrival.only("commit", "fresh") >> control.only("commit", "fresh")
    # A value is written after it is looked at.
    late = arrival.only("destination").delay(WRITTEN)
    address_bits, value_bits = len(control.address), len(control.value_address)

    @always_comb
    def places():
        control.address.next = index.address[address_bits:]
        control.value_address.next = index.token[value_bits:]
        control.destination.next = late.destination[address_bits:]
        control.value_destination.next = late.destination[value_bits:]


@block
def broadcast_to_rows(now, entry, selected, row_control):
    """What all rows are told of the instruction."""
    fields = ("row", "filled", "cut", "own", "spare", "wrap", "alone", "new", "sinks", "eps")
    now.only(*fields) >> row_control.only(*fields)
    now.only("mantissa", "exponent") >> row_control.constant
    of_flags = ("use_table", "from_row", "by_length")
    now.flags.only(*of_flags) >> row_control.only(*of_flags)
    of_heads = ("from_range", "from_squares")
    now.flags.only(*of_heads) >> row_control.table.only(*of_heads)

    @always_comb
    def choose():
        if now.flags.selects:
            row_control.table.entry.next = selected
        else:
            row_control.table.entry.next = entry
        if now.flags.segmented:
            row_control.scalar_source.next = SEGMENT_PEAK
        elif now.shared and now.flags.push_byte:
            row_control.scalar_source.next = SHARED_PEAK
        else:
            row_control.scalar_source.next = ROW_PEAK


@block
def angle_places(now, in_head, angle, lanes):
    """Where a pair's angle lies: the pair of columns, the index of its first element in_head a head, near or far."""
    index_bits = len(angle.read) - 1
    pair_mask = pairs(lanes) - 1
    pairs_log2 = pair_mask.bit_length()
    in_column = int(lanes == 1)
    index = Signal(intbv(0)[len(now.pair) :])

    @always_comb
    def index_in_head():
        index.next = ((now.pair >> pairs_log2) << in_column) & 65535

    @always_comb
    def place():
        angle.pair.next = now.pair & pair_mask
        angle.written.next = concat(now.bank, index[index_bits:])
        angle.read.next = concat(now.bank, in_head[index_bits:])
