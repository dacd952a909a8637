"""One column of the vector unit: a lane's results of one row, their memory, and every operation on them."""

from myhdl import Signal, always, always_comb, block, intbv

from golden.numerics import FRACTION
from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.delay import delay
from myhdl_acc.hdl.record import Record, signed, view
from myhdl_acc.hdl.wiring import choose_of
from myhdl_acc.rtl.vector.arith import rms_unit as rms_unit_block
from myhdl_acc.rtl.vector.arith.quantise import quantise
from myhdl_acc.rtl.vector.arith.rms_square import rms_square
from myhdl_acc.rtl.vector.arith.rms_unit import rms_unit
from myhdl_acc.rtl.vector.unit import latencies as stage
from myhdl_acc.rtl.vector.unit import records
from myhdl_acc.rtl.vector.unit.column_held import column_held
from myhdl_acc.rtl.vector.unit.column_memory import column_memory
from myhdl_acc.rtl.vector.unit.column_statistics import column_statistics
from myhdl_acc.rtl.vector.unit.datapaths import DATAPATHS, SUM_LATENCY
from myhdl_acc.rtl.vector.unit.live_token import LATENCY as WRITTEN
from myhdl_acc.rtl.vector.unit.live_token import live_token
from myhdl_acc.rtl.vector.unit.requantise_path import requantise_path
from myhdl_acc.rtl.vector.unit.softmax_path import softmax_path


@entity(outputs=("to_row", "given", "held"))
def column(clk, number, control, scales, result, from_row, following, to_row, given, held, config):
    """Column ``number`` of a row; ``control``: column_control, ``scales``: row_scales, the same for all columns.

    ``result``: its lane's, taken with ``control.take``. ``to_row.operand``: the word of memory latencies.OPERAND cycles
    later, for the rotation, which comes back as ``from_row.rotated``; ``to_row.reduction`` goes into the butterfly,
    ``from_row.reduced`` is what comes out. ``given``: see there. ``held`` shifts in from the next column
    (``following``). All records: see records. One index per cycle; no back-pressure, no reset.
    """
    flags = control.flags
    operands, kept = records.operands(config), records.kept()
    alive, weight, pushed = Signal(bool(0)), Signal(intbv(0)[7:]), Signal(intbv(0)[8:])
    chosen, value, late_value, data = (Signal(signed(32)) for _ in range(4))
    arrived = Record(commit=1, fresh=control.fresh, push=1)
    late = arrived.delay(WRITTEN)
    write = Record(word=1, address=control.destination, value=1, value_address=control.value_destination)
    read = Record(enable=control.issue, address=control.address, value_address=control.value_address)
    column_memory(read=read, take=control.take, result=result, write=write, data=data, words=operands, config=config)
    live_token(
        number=number,
        token=control.token,
        only_filled=flags.alive_mode,
        limit=scales.limit,
        left_out=scales.left_out,
        alive=alive,
        config=config,
    )

    shift = Record(word=control.shift.word, statistic=control.shift.statistic, query=1, mixed=1)
    of_own_head(number=number, heads_log2=control.token.heads_log2, told=control.shift, shift=shift)
    column_held(
        capture=control.capture,
        shift=shift,
        push=late.push,
        level=pushed,
        reduced=from_row.reduced,
        entering=scales.entering,
        following=following,
        kept=kept,
        held=held,
    )
    requantise_path(
        path=flags.path,
        operands=operands.only("sum", "parameter"),
        step=scales.step,
        query=kept.query,
        mixed=Record(total=joined(from_row.reduced, config.acc_bits + 5), correction=kept.correction, scale=kept.mixed),
        y=given.value,
        lanes=config.lanes,
    )
    x = operands.x
    late_x, unit = Signal(signed(32)), Signal(signed(26))
    square, numerator = Signal(intbv(0)[34:]), Signal(intbv(0)[16:])
    delay(d=x, q=late_x, stages=stage.REQUANTISED - stage.READ)
    rms_unit(x=x, inverse=scales.norm.inverse, places=scales.norm.places, unit=unit)
    rms_square(unit=unit, square=square)
    softmax_path(
        score=x,
        value=operands.value,
        reference=kept.reference,
        places=kept.places,
        numerator=numerator,
        weight=weight,
    )
    parameter = operands.only("parameter").delay(stage.READ)
    at = Record(
        x=x,
        parameter=parameter.parameter,
        unit=unit,
        gain=scales.norm.gain,
        late_parameter=parameter.delay(rms_unit_block.LATENCY).parameter,
        late_x=late_x,
        y=given.value,
        rotated=from_row.rotated,
    )
    choose_of(code=flags.select, values=[path.make(at) for path in DATAPATHS.values()], q=chosen)
    quantise(x=x, inverse=scales.inverse, zero=scales.zero, narrow=flags.narrow, result=given.level)
    of_value = records.parameter_fields(operands.value, "mantissa", "exponent", "zero")
    value_zero = of_value.only("zero").delay(stage.WEIGHTED).zero
    step = Signal(signed(25))
    step_of_bound(fields=of_value.only("mantissa", "exponent").delay(SUM_LATENCY), step=step)
    pushed_level(
        weighs=flags.weighs, level=given.level, weight=weight, counts=alive, enabled=scales.enabled, pushed=pushed
    )
    column_statistics(
        track=control.statistics,
        addends=Record(square=square, numerator=numerator, level=given.level, weight=weight, zero=value_zero),
        step=step,
        value=value,
        take=Record(commit=late.commit, fresh=late.fresh, alive=alive),
        total_sum=operands.sum,
        reduce=control.only("reduce").delay(1).reduce,
        reduction=to_row.reduction,
    )

    @always_comb
    def arrive():
        arrived.commit.next = control.commit and scales.enabled
        arrived.push.next = control.commit and flags.push_byte
        to_row.operand.next = x

    @always(clk.posedge)
    def keep():
        value.next = chosen
        late_value.next = value

    @always_comb
    def store():
        write.value.next = late.commit and flags.writes_values
        write.word.next = late.commit and flags.writes and (alive or not flags.gated)
        if alive:
            data.next = late_value
        else:
            data.next = 0


@block
def of_own_head(number, heads_log2, told, shift):
    """``shift`` of a query or of a scale of mixed values, as ``told``, if its head is that of column ``number``."""
    here, own = Signal(intbv(0)[len(number) :]), Signal(bool(0))

    @always_comb
    def head():
        here.next = number - ((number >> heads_log2) << heads_log2)

    @always_comb
    def match():
        own.next = here == told.head

    @always_comb
    def pass_on():
        shift.query.next = told.query and own
        shift.mixed.next = told.mixed and own


@block
def step_of_bound(fields, step):
    """What golden value_bound adds to a score, of the step's ``fields``, whose exponent is biased."""
    mantissa, exponent = Signal(intbv(0)[17:]), Signal(intbv(0)[24:])

    @always_comb
    def widen():
        mantissa.next = fields.mantissa << 1
        exponent.next = fields.exponent << FRACTION

    @always_comb
    def subtract():
        step.next = mantissa - exponent


@block
def pushed_level(clk, weighs, level, weight, counts, enabled, pushed):
    """``pushed`` (8), WRITTEN cycles behind ``level`` (s8) or with ``weighs`` the ``weight`` (7): it, or 0 unless its
    token ``counts`` in a row that is ``enabled``."""
    chosen = Signal(intbv(0)[8:])
    late = Signal(intbv(0)[8:])
    delay(d=chosen, q=late, stages=WRITTEN)

    @always_comb
    def choose():
        if weighs:
            chosen.next = weight
        else:
            chosen.next = level[8:]

    @always_comb
    def push():
        if counts and enabled:
            pushed.next = late
        else:
            pushed.next = 0


def joined(reduced, width):
    """The lower bits of what the butterfly shows."""
    return view(reduced, {"sum": (0, width)}, like=Record(sum=signed(width))).sum
