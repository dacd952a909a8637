"""One row of the vector unit: a column per lane, and the scales that they share."""

from myhdl import Signal, always, always_comb, block, intbv, modbv

from golden.units.rms_gain import PLACES
from golden.units.rms_unit import block_scale
from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.record import Record, signed
from myhdl_acc.rtl.vector.unit import records
from myhdl_acc.rtl.vector.unit.head_scales import head_scales
from myhdl_acc.rtl.vector.unit.row_columns import row_columns
from myhdl_acc.rtl.vector.unit.vector_scales import vector_scales
from myhdl_acc.rtl.vector.unit.weight_scales import weight_scales


@entity(outputs=("given", "word", "peak", "entry_word"))
def row(clk, number, control, row_control, shared, results, other_entry, given, word, peak, entry_word, config):
    """Row ``number``: ``lanes`` columns, the butterfly over them, scales of vectors and heads, the rotation.

    ``control``, ``row_control``: column_control and row_control. ``results``: Array of the lanes' result words, taken
    with ``control.issue``; ``given``: Array of what leaves the columns; ``word`` (256): column 0's last 32 levels.
    While ``shared.drained`` is high the next columns' follow only if ``shared.row`` is this row. ``peak`` (32): of the
    vector; ``shared.peak`` (32): the largest of all rows'. ``entry_word``
    (32): the parameter word of ``other_entry``, see head_table. The records: see records. No back-pressure.
    """
    scales, made, head = records.row_scales(), records.made_scales(), records.head_scales()
    statistic, entering = records.statistic(), scales.entering
    drop = Signal(intbv(0)[4:])
    one, less = block_scale(0)
    token, own_code = Signal(intbv(0)[len(row_control.row) :]), Signal(intbv(0)[len(row_control.alone) + 1 :])
    reduced, new_sum = Signal(signed(records.REDUCTION_BITS)), Signal(intbv(0)[17:])
    own_shift = Record(word=1, mixed=1, **control.shift.only("statistic", "query", "head").members())
    own_capture = control.capture.like()
    own_control = Record(**{**control.members(), "shift": own_shift, "capture": own_capture})
    angle = Record(write=1, **row_control.angle.only("pair", "written", "read", "cosine", "sine").members())
    row_columns(
        control=own_control,
        scales=scales,
        join=row_control.join.delay(1),  # a statistic has a register in its column
        angle=angle,
        results=results,
        given=given,
        word=word,
        statistic=statistic,
        reduced=reduced,
        config=config,
    )
    vector_scales(
        source=row_control.scalar_source,
        capture=row_control.capture,
        enabled=scales.enabled,
        reduced=reduced,
        shared_peak=shared.peak,
        eps=row_control.eps,
        drop=drop,
        made=made,
        step=scales.step,
        peak=peak,
        lanes=config.lanes,
    )
    weight_scales(statistic=statistic, mixed=entering.mixed)
    head_scales(
        table=row_control.table,
        made=made.only("step", "inverse", "late_drop", "range", "norm"),
        new_sum=new_sum,
        constant=row_control.constant,
        head=head,
        query=entering.query,
        other_entry=other_entry,
        entry_word=entry_word,
    )

    @always(clk.posedge)
    def takes_part():
        if row_control.alone != 0:
            scales.enabled.next = row_control.alone == own_code
        elif row_control.from_row and row_control.own:
            scales.enabled.next = number == row_control.row
        else:
            scales.enabled.next = number >= row_control.row or not row_control.from_row

    @always_comb
    def for_this_row():
        own_code.next = number + 1
        own_capture.largest.next = control.capture.largest and scales.enabled
        own_capture.bound.next = control.capture.bound and scales.enabled
        own_capture.correction.next = control.capture.correction and scales.enabled
        own_capture.total.next = control.capture.total and scales.enabled
        own_shift.mixed.next = control.shift.mixed and scales.enabled

    @always_comb
    def pass_on():
        new_sum.next = reduced[17:]
        angle.write.next = row_control.angle.write and number >= row_control.row
        own_shift.word.next = control.shift.word and (number == shared.row or not shared.drained)

    @always_comb
    def share():
        scales.zero.next = head.zero
        if row_control.use_table:
            drop.next = head.drop
            scales.inverse.mantissa.next = head.inverse.mantissa
            scales.inverse.exponent.next = head.inverse.exponent
        else:
            drop.next = made.drop
            scales.inverse.mantissa.next = made.inverse.mantissa
            scales.inverse.exponent.next = made.inverse.exponent

    @always_comb
    def choose_norm():
        if row_control.by_length:
            scales.norm.inverse.next = head.norm.inverse
            scales.norm.places.next = head.norm.places
            scales.norm.gain.next = PLACES
        else:
            scales.norm.inverse.next = one
            scales.norm.places.next = drop + less
            scales.norm.gain.next = PLACES - made.lift

    @always_comb
    def choose_token():
        # Rows without a token of their own see what the last token sees.
        if number < row_control.row:
            token.next = number
        else:
            token.next = row_control.row

    leave_out(control=row_control, token=token, left_out=scales.left_out)
    limit_of(control=row_control, token=token, limit=scales.limit)


@block
def limit_of(clk, control, token, limit):
    """Behind the last slot that the row of ``token`` meets, a cycle behind all these."""

    @always(clk.posedge)
    def choose():
        if control.cut:
            limit.next = control.filled
        else:
            limit.next = control.filled + token


@block
def leave_out(clk, control, token, left_out):
    """What the row of ``token`` leaves out (records), of the instruction's fields; three cycles behind them."""
    behind, end = Signal(modbv(0)[len(left_out.first) :]), Signal(intbv(0)[18:])
    count, tokens = (Signal(intbv(0)[len(left_out.count) :]) for _ in range(2))
    slots = Signal(intbv(0)[17:])

    @always(clk.posedge)
    def prepare():
        tokens.next = token + control.spare + 1
        slots.next = control.new + control.sinks

    @always(clk.posedge)
    def add():
        behind.next = control.new + token + 1
        end.next = slots + tokens
        count.next = tokens

    @always(clk.posedge)
    def choose():
        if control.own:
            left_out.first.next = behind
            left_out.count.next = control.spare
        else:
            left_out.first.next = control.new
            left_out.count.next = count
        if control.wrap and end > control.filled:
            left_out.wrapped.next = end - control.filled
        else:
            left_out.wrapped.next = 0
