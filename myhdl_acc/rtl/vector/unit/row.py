"""One row of the vector unit: a column per lane, and what joins them."""

from myhdl import Signal, always, always_comb, block, concat, intbv

from golden.units.kv_quantise import ZERO_FRACTION
from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.delay import delay
from myhdl_acc.hdl.stream import Bundle
from myhdl_acc.hdl.stream.stream import signed
from myhdl_acc.hdl.wiring import constant, unused, vector
from myhdl_acc.rtl.vector.arith import rms_drop as rms_drop_unit
from myhdl_acc.rtl.vector.arith import rms_square as rms_square_unit
from myhdl_acc.rtl.vector.arith import scale_product as scale_product_unit
from myhdl_acc.rtl.vector.arith import total_inverse as total_inverse_unit
from myhdl_acc.rtl.vector.arith.butterfly import butterfly
from myhdl_acc.rtl.vector.arith.butterfly import latency as butterfly_latency
from myhdl_acc.rtl.vector.arith.kv_step import kv_step
from myhdl_acc.rtl.vector.arith.quantise_step import quantise_step
from myhdl_acc.rtl.vector.arith.rms_drop import rms_drop
from myhdl_acc.rtl.vector.arith.rms_scale import rms_scale
from myhdl_acc.rtl.vector.arith.scale_product import scale_product
from myhdl_acc.rtl.vector.arith.total_inverse import total_inverse
from myhdl_acc.rtl.vector.unit.column import (
    EXPONENT_BIAS,
    LEAST,
    QUERY_BITS,
    SPARE_BITS,
    STATISTIC_BITS,
    TOTAL_SUM,
    WEIGHT_BITS,
    column,
)
from myhdl_acc.rtl.vector.unit.column_control import COLUMN_PEAK, REDUCTION_BITS, SEGMENT_PEAK, RowScales, pairs
from myhdl_acc.rtl.vector.unit.head_table import (
    INVERSE_EXPONENT,
    INVERSE_MANTISSA,
    NORM_BITS,
    NORM_PLACES,
    SCALES_BITS,
    STEP_EXPONENT,
    ZERO,
    head_table,
)
from myhdl_acc.rtl.vector.unit.latencies import BESIDE, STEP, WEIGHT
from myhdl_acc.rtl.vector.unit.rope_column import rope_column
from myhdl_acc.rtl.vector.unit.rope_pair import rope_pair


@entity(outputs=("levels", "values", "word", "tops", "entry_word"))
def row(
    clk, control, row_control, number, sums, parameters, other_entry, levels, values, word, tops, entry_word, config
):
    """Row ``number``: ``lanes`` columns, the butterfly over them, scales of vectors and heads, the rotation.

    ``control``: ColumnControl, ``row_control``: RowControl. ``sums`` (lanes · acc_bits, lane 0 lowest) and
    ``parameters`` (lanes · 32): the engine's result word, taken with ``control.issue``. ``levels`` (lanes · 8) and
    ``values`` (lanes · 32): see column. ``word`` (256): column 0's last 32 levels; ``tops`` (lanes · 128): every
    column's last 16. ``entry_word`` (32): the parameter word of ``other_entry`` a cycle later. No back-pressure.
    """
    lanes, acc_bits = config.lanes, config.acc_bits
    scales = RowScales()
    operands = [Signal(signed(32)) for _ in range(lanes)]
    rotated = [Signal(signed(32)) for _ in range(lanes)]
    level = [Signal(signed(8)) for _ in range(lanes)]
    value = [Signal(signed(32)) for _ in range(lanes)]
    reduction = Bundle("ch", [Signal(signed(REDUCTION_BITS)) for _ in range(lanes)])
    reduced = Bundle("ch", [Signal(signed(REDUCTION_BITS)) for _ in range(lanes)])
    words = [Signal(intbv(0)[256:]) for _ in range(lanes)]
    statistics = [Signal(intbv(0)[STATISTIC_BITS:]) for _ in range(lanes)]
    queries = [Signal(intbv(0)[QUERY_BITS:]) for _ in range(lanes)]
    weights = [Signal(intbv(0)[WEIGHT_BITS:]) for _ in range(lanes)]
    new_query, new_weight = Signal(intbv(0)[QUERY_BITS:]), Signal(intbv(0)[WEIGHT_BITS:])
    level_bits, value_bits, top_bits = (
        [Signal(intbv(0)[8:]) for _ in range(lanes)],
        [Signal(intbv(0)[32:]) for _ in range(lanes)],
        [Signal(intbv(0)[128:]) for _ in range(lanes)],
    )
    # Words and statistics leave at column 0 and nothing follows them: column 0's own is as good as any.
    for c in range(lanes):
        total, parameter_word = Signal(signed(acc_bits)), Signal(intbv(0)[32:])
        place = Signal(intbv(0)[6:])
        following = (c + 1) % lanes
        constant(clk, place, c)
        column_inputs(
            sums=sums(acc_bits * c + acc_bits, acc_bits * c),
            parameters=parameters(32 * c + 32, 32 * c),
            total=total,
            parameter_word=parameter_word,
        )
        column(
            control=control,
            scales=scales,
            number=place,
            total_sum=total,
            parameter_word=parameter_word,
            rotated=rotated[c],
            reduced=reduced[c],
            next_word=words[following],
            next_statistic=statistics[following],
            next_query=new_query if c == lanes - 1 else queries[c + 1],
            next_weight=new_weight if c == lanes - 1 else weights[c + 1],
            operand=operands[c],
            level=level[c],
            value=value[c],
            reduction=reduction[c],
            word=words[c],
            statistic=statistics[c],
            query=queries[c],
            weight=weights[c],
            config=config,
        )
        column_outputs(
            level=level[c],
            value=value[c],
            word=words[c],
            level_bits=level_bits[c],
            value_bits=value_bits[c],
            top=top_bits[c],
        )
    unused(queries[0], weights[0])
    first_stage, maximum, issue = Signal(intbv(0)[3:]), Signal(bool(0)), Signal(bool(0))
    butterfly(values=reduction, results=reduced, maximum=maximum, first_stage=first_stage)
    all_levels, all_values, all_tops = vector(level_bits), vector(value_bits), vector(top_bits)
    first_word, joined = words[0], reduced[0]

    angle_here = Signal(bool(0))
    written, read = Signal(intbv(0)[len(row_control.angle_written) :]), Signal(intbv(0)[len(row_control.angle_read) :])
    cosine, sine = Signal(signed(18)), Signal(signed(18))
    for p in range(pairs(lanes)):
        write = Signal(bool(0))
        of_pair = slice(2 * p, 2 * p + 2)
        write_pair(here=angle_here, row_control=row_control, pair=p, write=write)
        table = {"write": write, "written": written, "cosine": cosine, "sine": sine, "issue": issue, "read": read}
        if lanes == 1:
            rope_column(**table, operand=operands[0], rotated=rotated[0])
        else:
            (even, odd), (rotated_even, rotated_odd) = operands[of_pair], rotated[of_pair]
            rope_pair(**table, even=even, odd=odd, rotated_even=rotated_even, rotated_odd=rotated_odd)

    @always_comb
    def broadcast():
        first_stage.next = row_control.first_stage
        maximum.next = row_control.maximum
        issue.next = control.issue
        written.next = row_control.angle_written
        read.next = row_control.angle_read
        cosine.next = row_control.cosine
        sine.next = row_control.sine
        angle_here.next = row_control.write_angle and number >= row_control.row
        scales.enabled.next = number >= row_control.row or not row_control.from_row

    # Scales: of a vector (row peak), of a head (segment), of a column.
    peak, peak_now = Signal(intbv(0)[32:]), Signal(intbv(0)[32:])
    squares = Signal(intbv(0)[48:])
    low, high = Signal(signed(32)), Signal(signed(32))
    column_total, column_least = Signal(intbv(0)[40:]), Signal(intbv(0)[8:])
    statistic = statistics[0]
    step_mantissa, step_exponent = Signal(intbv(0)[16:]), Signal(signed(10))
    inverse_mantissa, inverse_exponent = Signal(intbv(0)[16:]), Signal(signed(10))
    kv_mantissa, kv_exponent = Signal(intbv(0)[16:]), Signal(signed(10))
    kv_inverse_mantissa, kv_inverse_exponent, kv_zero = Signal(intbv(0)[16:]), Signal(signed(10)), Signal(signed(8))
    total_mantissa, total_exponent = Signal(intbv(0)[16:]), Signal(signed(10))
    drop, inverse, places = Signal(intbv(0)[4:]), Signal(intbv(0)[17:]), Signal(signed(7))
    eps, norm_drop = Signal(intbv(0)[48:]), Signal(intbv(0)[4:])
    square_drop, total_drop, peak_drop = Signal(intbv(0)[4:]), Signal(intbv(0)[4:]), Signal(intbv(0)[4:])

    negated = Signal(signed(REDUCTION_BITS))

    @always_comb
    def negate():
        negated.next = -joined

    @always_comb
    def choose_peak():
        column_total.next = statistic[LEAST:TOTAL_SUM]
        column_least.next = statistic[STATISTIC_BITS:LEAST]
        low.next = negated[32:].signed()
        if row_control.scalar_source == COLUMN_PEAK:
            peak_now.next = statistic[TOTAL_SUM:]
        elif row_control.scalar_source == SEGMENT_PEAK:
            peak_now.next = joined[32:]
        else:
            peak_now.next = peak

    @always(clk.posedge)
    def capture():
        if row_control.capture_peak and scales.enabled and (row_control.first or joined[32:] > peak):
            peak.next = joined[32:]
        if row_control.capture_total:
            squares.next = joined[48:]
            # The norm's own instructions have other fields in these bits, and a peak of their own.
            eps.next = row_control.eps
            norm_drop.next = total_drop
        if row_control.capture_high:
            high.next = joined[32:].signed()
        if row_control.capture_step:
            scales.step_mantissa.next = step_mantissa
            scales.step_exponent.next = step_exponent

    quantise_step(
        peak=peak_now,
        step_mantissa=step_mantissa,
        step_exponent=step_exponent,
        inverse_mantissa=inverse_mantissa,
        inverse_exponent=inverse_exponent,
    )
    kv_step(
        low=low,
        high=high,
        step_mantissa=kv_mantissa,
        step_exponent=kv_exponent,
        inverse_mantissa=kv_inverse_mantissa,
        inverse_exponent=kv_inverse_exponent,
        zero=kv_zero,
    )
    total_inverse(total=column_total, mantissa=total_mantissa, exponent=total_exponent)
    rms_drop(peak=peak_now, drop=drop)
    rms_scale(total=squares, eps=eps, drop=norm_drop, inverse=inverse, places=places)
    # As long as an element's square takes to the sum that it is the last of.
    delay(d=square_drop, q=total_drop, stages=rms_square_unit.LATENCY + 1 + butterfly_latency(lanes))
    delay(d=drop, q=peak_drop, stages=STEP - rms_drop_unit.LATENCY)

    # A column's weights: step · 2^-spare with the values' least exponent, and that over the total.
    late_least, least_exponent = Signal(intbv(0)[8:]), Signal(signed(9))
    late_step_mantissa, late_step_exponent = Signal(intbv(0)[16:]), Signal(signed(10))
    late_total_mantissa, late_total_exponent = Signal(intbv(0)[16:]), Signal(signed(10))
    aligned_exponent, out_mantissa, out_exponent = Signal(signed(10)), Signal(intbv(0)[16:]), Signal(signed(10))
    late_inverse_mantissa, late_inverse_exponent = Signal(intbv(0)[16:]), Signal(signed(10))
    inverse_bits, out_bits, shifted_exponent = Signal(intbv(0)[10:]), Signal(intbv(0)[10:]), Signal(signed(10))
    delay(d=column_least, q=late_least, stages=BESIDE)
    delay(d=step_mantissa, q=late_step_mantissa, stages=BESIDE - STEP)
    delay(d=step_exponent, q=late_step_exponent, stages=BESIDE - STEP)
    delay(d=total_mantissa, q=late_total_mantissa, stages=BESIDE - total_inverse_unit.LATENCY)
    delay(d=total_exponent, q=late_total_exponent, stages=BESIDE - total_inverse_unit.LATENCY)
    scale_product(
        a_mantissa=late_step_mantissa,
        a_exponent=aligned_exponent,
        b_mantissa=late_total_mantissa,
        b_exponent=late_total_exponent,
        mantissa=out_mantissa,
        exponent=out_exponent,
    )
    delay(d=inverse_mantissa, q=late_inverse_mantissa, stages=WEIGHT - STEP)
    delay(d=inverse_exponent, q=late_inverse_exponent, stages=WEIGHT - STEP)

    @always_comb
    def least():
        least_exponent.next = late_least

    @always_comb
    def align():
        aligned_exponent.next = late_step_exponent + least_exponent - (EXPONENT_BIAS + SPARE_BITS)
        shifted_exponent.next = out_exponent + ZERO_FRACTION

    @always_comb
    def exponent_bits():
        inverse_bits.next = late_inverse_exponent[10:]
        out_bits.next = shifted_exponent[10:]

    @always_comb
    def weight_word():
        new_weight.next = concat(out_bits, out_mantissa, inverse_bits, late_inverse_mantissa)

    # Heads.
    new_scales, scales_word = Signal(intbv(0)[SCALES_BITS:]), Signal(intbv(0)[SCALES_BITS:])
    query_sum, late_sum, new_sum = Signal(intbv(0)[17:]), Signal(intbv(0)[17:]), Signal(intbv(0)[17:])
    write_scales, write_sum = Signal(bool(0)), Signal(bool(0))
    entry, entry_written = Signal(intbv(0)[8:]), Signal(intbv(0)[8:])
    step_bits, quantiser_bits = Signal(intbv(0)[10:]), Signal(intbv(0)[10:])
    kv_step_bits, kv_bits, zero_bits = Signal(intbv(0)[10:]), Signal(intbv(0)[10:]), Signal(intbv(0)[8:])
    place_bits = Signal(intbv(0)[7:])
    head_table(
        write=write_scales,
        write_sum=write_sum,
        written=entry_written,
        new_scales=new_scales,
        new_sum=new_sum,
        entry=entry,
        scales=scales_word,
        query_sum=query_sum,
        other_entry=other_entry,
        parameter_word=entry_word,
    )

    @always_comb
    def head_bits():
        step_bits.next = step_exponent[10:]
        quantiser_bits.next = inverse_exponent[10:]
        kv_step_bits.next = kv_exponent[10:]
        kv_bits.next = kv_inverse_exponent[10:]
        zero_bits.next = kv_zero[8:]
        place_bits.next = places[7:]

    @always_comb
    def head_scales():
        entry.next = row_control.entry
        entry_written.next = row_control.written
        write_scales.next = row_control.write_scales
        write_sum.next = row_control.write_sum
        new_sum.next = joined[17:]
        if row_control.from_range:
            new_scales.next = concat(zero_bits, kv_bits, kv_inverse_mantissa, kv_step_bits, kv_mantissa)
        elif row_control.from_squares:
            new_scales.next = concat("000000000000000000000000000000000000", place_bits, inverse)
        else:
            new_scales.next = concat("0000", peak_drop, quantiser_bits, inverse_mantissa, step_bits, step_mantissa)

    head_mantissa, head_exponent = Signal(intbv(0)[16:]), Signal(signed(10))
    constant_mantissa, constant_exponent = Signal(intbv(0)[16:]), Signal(signed(10))
    query_mantissa, query_exponent, query_bits = Signal(intbv(0)[16:]), Signal(signed(10)), Signal(intbv(0)[10:])
    scale_product(
        a_mantissa=head_mantissa,
        a_exponent=head_exponent,
        b_mantissa=constant_mantissa,
        b_exponent=constant_exponent,
        mantissa=query_mantissa,
        exponent=query_exponent,
    )
    delay(d=query_sum, q=late_sum, stages=scale_product_unit.LATENCY)

    @always_comb
    def head():
        head_mantissa.next = scales_word[STEP_EXPONENT:]
        head_exponent.next = scales_word[INVERSE_MANTISSA:STEP_EXPONENT].signed()
        constant_mantissa.next = row_control.constant_mantissa
        constant_exponent.next = row_control.constant_exponent
        query_bits.next = query_exponent[10:]

    @always_comb
    def query_word():
        new_query.next = concat(late_sum, query_bits, query_mantissa)

    @always_comb
    def choose_drop():
        if row_control.use_table:
            square_drop.next = scales_word[ZERO + 4 : ZERO]
        else:
            square_drop.next = drop

    @always_comb
    def shared():
        scales.drop.next = square_drop
        scales.exponent.next = row_control.exponent
        scales.zero.next = scales_word[SCALES_BITS:ZERO].signed()
        if row_control.use_table:
            scales.inverse.next = scales_word[NORM_PLACES:]
            scales.places.next = scales_word[NORM_BITS:NORM_PLACES].signed()
            scales.quantiser_mantissa.next = scales_word[INVERSE_EXPONENT:INVERSE_MANTISSA]
            scales.quantiser_exponent.next = scales_word[ZERO:INVERSE_EXPONENT].signed()
        else:
            scales.inverse.next = inverse
            scales.places.next = places
            scales.quantiser_mantissa.next = inverse_mantissa
            scales.quantiser_exponent.next = inverse_exponent

    @always(clk.posedge)
    def limit():
        # Rows without a token of their own see what the last token sees.
        if number < row_control.row:
            scales.limit.next = row_control.filled + number
        else:
            scales.limit.next = row_control.filled + row_control.row

    @always_comb
    def outputs():
        levels.next = all_levels
        values.next = all_values
        tops.next = all_tops
        word.next = first_word


@block
def column_inputs(sums, parameters, total, parameter_word):
    @always_comb
    def copy():
        total.next = sums.signed()
        parameter_word.next = parameters


@block
def column_outputs(level, value, word, level_bits, value_bits, top):
    @always_comb
    def copy():
        level_bits.next = level[8:]
        value_bits.next = value[32:]
        top.next = word[256:128]


@block
def write_pair(here, row_control, pair, write):
    @always_comb
    def select():
        write.next = here and row_control.angle_pair == pair
