"""One column of the vector unit: a lane's results of one row, their memory, and every operation on them."""

from myhdl import Signal, always, always_comb, concat, intbv

from golden.machine.parameters import EXPONENT_BIAS
from golden.numerics import FRACTION
from golden.units.kv_quantise import ZERO_FRACTION
from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.delay import delay
from myhdl_acc.hdl.stream.stream import signed
from myhdl_acc.rtl.vector.arith import attention_output as attention_output_unit
from myhdl_acc.rtl.vector.arith.attention_output import attention_output
from myhdl_acc.rtl.vector.arith.attention_scores import attention_scores
from myhdl_acc.rtl.vector.arith.quantise import quantise
from myhdl_acc.rtl.vector.arith.requantise import requantise
from myhdl_acc.rtl.vector.arith.residual_add import residual_add
from myhdl_acc.rtl.vector.arith.rms_norm import rms_norm
from myhdl_acc.rtl.vector.arith.rms_square import rms_square
from myhdl_acc.rtl.vector.arith.scale_product import scale_product
from myhdl_acc.rtl.vector.arith.silu_mul import silu_mul
from myhdl_acc.rtl.vector.arith.softmax import softmax
from myhdl_acc.rtl.vector.arith.value_weights import value_weights
from myhdl_acc.rtl.vector.unit import latencies as stage
from myhdl_acc.rtl.vector.unit.column_control import (
    ADDED,
    GATED,
    HIGH,
    MAGNITUDE,
    MIX,
    NEGATED_EXPONENT,
    NEGATED_LOW,
    NORMED,
    NUMERATOR,
    OPERAND,
    PARAMETER,
    RANGE,
    REDUCTION_BITS,
    REQUANTISED,
    ROTATED,
    SCORE,
    SQUARE,
    TOTAL,
    ZERO_POINT,
)
from myhdl_acc.rtl.vector.unit.column_memory import column_memory
from myhdl_acc.rtl.vector.unit.instructions import LONGEST

#: A score's scale counts units of 2^-16 twice and sixteenths (golden attention_scores).
SCORE_PLACES = FRACTION + ZERO_FRACTION
#: Places that value_weights drops beside the exponents' difference, and where the difference ends.
SPARE_BITS, LARGEST_DROP = 2, 40
#: Fields of the words that shift through the columns, from bit 0. Query: scale (mantissa, exponent), Σq.
QUERY_EXPONENT, QUERY_SUM, QUERY_BITS = 16, 26, 43
#: Weight: the quantiser's inverse (mantissa, exponent), the mixed values' scale (mantissa, exponent).
QUANTISER_EXPONENT, MIX_MANTISSA, MIX_EXPONENT, WEIGHT_BITS = 16, 26, 42, 52
#: Statistic: the largest product, the total of the numerators, the least exponent field.
TOTAL_SUM, LEAST, STATISTIC_BITS = 32, 72, 80
#: Fields of a parameter word: mantissa, biased exponent, zero point.
PARAMETER_EXPONENT, PARAMETER_ZERO, PARAMETER_BITS = 16, 24, 32


@entity(outputs=("operand", "level", "value", "reduction", "word", "statistic", "query", "weight"))
def column(
    clk,
    control,
    scales,
    number,
    total_sum,
    parameter_word,
    rotated,
    reduced,
    next_word,
    next_statistic,
    next_query,
    next_weight,
    operand,
    level,
    value,
    reduction,
    word,
    statistic,
    query,
    weight,
    config,
):
    """Column ``number`` of a row; ``control``: ColumnControl, ``scales``: RowScales, the same for all columns.

    ``total_sum`` (acc_bits) and ``parameter_word`` (32) are the lane's result word, taken with ``control.issue``.
    ``operand`` (s32): the word of memory in the cycle after, for the rotation, which comes back as ``rotated`` (s32).
    ``reduction`` (s49) goes into the butterfly, ``reduced`` is what comes out. ``level`` (s8): the quantiser's result,
    ``value`` (s32): the requantiser's, both to be looked at with ``control.commit``. ``word`` (256): the last 32
    levels, the latest on top. ``word``, ``statistic``, ``query`` and ``weight`` shift in from the next column
    (``next_…``). One index per cycle; no back-pressure, no reset.
    """
    acc_bits = config.acc_bits
    butterfly = (config.lanes - 1).bit_length()
    x_bits, v_bits = Signal(intbv(0)[32:]), Signal(intbv(0)[32:])
    sums, words = Signal(signed(acc_bits)), Signal(intbv(0)[32:])
    x = Signal(signed(32))
    address, destination = Signal(intbv(0)[len(control.address) :]), Signal(intbv(0)[len(control.destination) :])
    v_address = Signal(intbv(0)[len(control.value_address) :])
    v_destination = Signal(intbv(0)[len(control.value_destination) :])
    issue, write, write_values, commit = (Signal(bool(0)) for _ in range(4))
    result_bits = Signal(intbv(0)[32:])
    column_memory(
        read=issue,
        address=address,
        word=x_bits,
        write=write,
        destination=destination,
        data=result_bits,
        depth=config.vector_depth,
    )
    column_memory(
        read=issue,
        address=v_address,
        word=v_bits,
        write=write_values,
        destination=v_destination,
        data=words,
        depth=config.vector_depth // 2,
    )

    # Which tokens, or heads, count.
    rank = Signal(intbv(0)[len(number) :])
    start, slot = Signal(intbv(0)[32:]), Signal(intbv(0)[32:])
    alive, alive_now = Signal(bool(0)), Signal(bool(0))
    alive_line = Signal(intbv(0)[LONGEST + 1 :])
    block_bits = (16 * config.atoms - 1).bit_length()

    @always_comb
    def broadcast():
        issue.next = control.issue
        commit.next = control.commit and scales.enabled
        address.next = control.address
        destination.next = control.destination
        v_address.next = control.value_address
        v_destination.next = control.value_destination

    @always_comb
    def place():
        rank.next = number >> control.heads_log2
        x.next = x_bits.signed()

    @always_comb
    def token():
        start.next = rank << block_bits
        slot.next = control.slot + start

    @always_comb
    def counts():
        if control.alive_mode:
            if slot >= scales.limit:
                alive.next = False
            elif control.part == 1:
                alive.next = slot >= control.sinks
            elif control.part == 2:
                alive.next = slot < control.sinks
            else:
                alive.next = True
        else:
            alive.next = True

    @always(clk.posedge)
    def take():
        alive_line.next = concat(alive_line[LONGEST:], alive)
        if issue:
            sums.next = total_sum
            words.next = parameter_word

    @always_comb
    def now():
        alive_now.next = alive_line[control.latency]
        write.next = commit and control.writes and (alive_line[control.latency] or not control.gated)
        write_values.next = commit and control.writes_values
        operand.next = x

    # Sums to fixed point: channels by their scale, scores and mixed values without the zero points.
    held_query = Signal(intbv(0)[QUERY_BITS:])
    held_weight = Signal(intbv(0)[WEIGHT_BITS:])
    largest, correction = Signal(signed(32)), Signal(signed(32))
    least = Signal(intbv(0)[8:])
    scale_mantissa, param_mantissa = Signal(intbv(0)[16:]), Signal(intbv(0)[16:])
    scale_exponent, param_exponent = Signal(signed(10)), Signal(signed(10))
    key_zero, query_sum, field = Signal(signed(8)), Signal(signed(17)), Signal(signed(9))

    @always_comb
    def factors():
        param_mantissa.next = words[PARAMETER_EXPONENT:]
        field.next = words[PARAMETER_ZERO:PARAMETER_EXPONENT]
        key_zero.next = words[PARAMETER_BITS:PARAMETER_ZERO].signed()
        query_sum.next = held_query[QUERY_BITS:QUERY_SUM].signed()
        if control.path == SCORE:
            scale_mantissa.next = held_query[QUERY_EXPONENT:]
            scale_exponent.next = held_query[QUERY_SUM:QUERY_EXPONENT].signed()
        else:
            scale_mantissa.next = scales.step_mantissa
            scale_exponent.next = scales.step_exponent

    @always_comb
    def unbias():
        param_exponent.next = field - EXPONENT_BIAS

    product_mantissa, product_exponent = Signal(intbv(0)[16:]), Signal(signed(10))
    scale_product(
        a_mantissa=scale_mantissa,
        a_exponent=scale_exponent,
        b_mantissa=param_mantissa,
        b_exponent=param_exponent,
        mantissa=product_mantissa,
        exponent=product_exponent,
    )
    score, mixed = Signal(signed(47)), Signal(signed(47))
    attention_scores(dot=sums, zero=key_zero, query_sum=query_sum, accumulator=score)
    joined = Signal(signed(acc_bits + 5))
    attention_output(total=joined, correction=correction, accumulator=mixed)
    at_mantissa, at_exponent = Signal(intbv(0)[16:]), Signal(signed(10))
    at_score, at_mixed, at_sum = Signal(signed(47)), Signal(signed(47)), Signal(signed(acc_bits))
    delay(d=product_mantissa, q=at_mantissa, stages=stage.OPERANDS - stage.SCALE)
    delay(d=product_exponent, q=at_exponent, stages=stage.OPERANDS - stage.SCALE)
    delay(d=score, q=at_score, stages=stage.OPERANDS - stage.SCORE)
    delay(d=mixed, q=at_mixed, stages=stage.OPERANDS - butterfly - attention_output_unit.LATENCY)
    delay(d=sums, q=at_sum, stages=stage.OPERANDS)
    accumulator, mantissa, exponent = Signal(signed(47)), Signal(intbv(0)[16:]), Signal(signed(10))

    @always_comb
    def operands():
        if control.path == SCORE:
            accumulator.next = at_score
            mantissa.next = at_mantissa
            exponent.next = at_exponent + SCORE_PLACES
        elif control.path == MIX:
            accumulator.next = at_mixed
            mantissa.next = held_weight[MIX_EXPONENT:MIX_MANTISSA]
            exponent.next = held_weight[WEIGHT_BITS:MIX_EXPONENT].signed()
        else:
            accumulator.next = at_sum
            mantissa.next = at_mantissa
            exponent.next = at_exponent

    y = Signal(signed(32))
    requantise(accumulator=accumulator, mantissa=mantissa, exponent=exponent, result=y)
    late_x, added, gated, normed, square = (
        Signal(signed(32)),
        Signal(signed(32)),
        Signal(signed(32)),
        Signal(signed(32)),
        Signal(intbv(0)[34:]),
    )
    gamma = Signal(signed(18))
    delay(d=x, q=late_x, stages=stage.REQUANTISED)
    residual_add(x=late_x, y=y, result=added)
    silu_mul(gate=late_x, up=y, result=gated)
    rms_square(x=x, drop=scales.drop, square=square)
    rms_norm(x=x, inverse=scales.inverse, places=scales.places, gamma=gamma, exponent=scales.exponent, y=normed)

    # The softmax's numerators, and the values' steps in them.
    numerator, late_numerator = Signal(intbv(0)[17:]), Signal(intbv(0)[17:])
    value_mantissa, late_mantissa = Signal(intbv(0)[16:]), Signal(intbv(0)[16:])
    drop, late_drop = Signal(intbv(0)[6:]), Signal(intbv(0)[6:])
    difference, value_exponent, least_exponent = Signal(signed(10)), Signal(signed(10)), Signal(signed(10))
    weighted = Signal(intbv(0)[31:])
    softmax(largest=largest, score=x, p=numerator)
    delay(d=value_mantissa, q=late_mantissa, stages=stage.NUMERATOR)
    delay(d=drop, q=late_drop, stages=stage.NUMERATOR)
    value_weights(p=numerator, mantissa=late_mantissa, drop=late_drop, product=weighted)
    delay(d=numerator, q=late_numerator, stages=stage.WEIGHTED - stage.NUMERATOR)

    @always_comb
    def value_field():
        gamma.next = words[18:].signed()
        value_mantissa.next = v_bits[PARAMETER_EXPONENT:]
        value_exponent.next = v_bits[PARAMETER_ZERO:PARAMETER_EXPONENT]
        least_exponent.next = least

    @always_comb
    def exponent_difference():
        difference.next = value_exponent - least_exponent

    @always_comb
    def align():
        if difference < 0:
            drop.next = SPARE_BITS
        elif difference > LARGEST_DROP:
            drop.next = LARGEST_DROP + SPARE_BITS
        else:
            drop.next = difference[6:] + SPARE_BITS

    quantiser_mantissa, quantiser_exponent = Signal(intbv(0)[16:]), Signal(signed(10))
    zero_point, narrow = Signal(signed(8)), Signal(bool(0))

    @always_comb
    def quantiser():
        narrow.next = control.narrow
        zero_point.next = scales.zero
        if control.own_scale:
            quantiser_mantissa.next = held_weight[QUANTISER_EXPONENT:]
            quantiser_exponent.next = held_weight[MIX_MANTISSA:QUANTISER_EXPONENT].signed()
        else:
            quantiser_mantissa.next = scales.quantiser_mantissa
            quantiser_exponent.next = scales.quantiser_exponent

    quantise(
        x=x, mantissa=quantiser_mantissa, exponent=quantiser_exponent, zero=zero_point, narrow=narrow, result=level
    )
    value_zero, late_zero = Signal(signed(8)), Signal(signed(8))
    delay(d=value_zero, q=late_zero, stages=stage.LEVEL)

    chosen = Signal(signed(32))

    @always_comb
    def choose_value():
        value_zero.next = v_bits[PARAMETER_BITS:PARAMETER_ZERO].signed()
        value.next = y
        if control.select == PARAMETER:
            chosen.next = words.signed()
        elif control.select == REQUANTISED:
            chosen.next = y
        elif control.select == ADDED:
            chosen.next = added
        elif control.select == GATED:
            chosen.next = gated
        elif control.select == NORMED:
            chosen.next = normed
        elif control.select == ROTATED:
            chosen.next = rotated
        elif control.select == OPERAND:
            chosen.next = x
        elif alive_now:
            chosen.next = weighted
        else:
            chosen.next = 0

    # Statistics: the largest, the least, a sum.
    high, low, candidate = Signal(signed(34)), Signal(signed(33)), Signal(signed(34))
    total, addend = Signal(signed(REDUCTION_BITS)), Signal(signed(REDUCTION_BITS))

    @always_comb
    def candidates():
        result_bits.next = chosen[32:]
        if control.high_of == NEGATED_EXPONENT:
            candidate.next = 0 - field
        elif control.high_of == MAGNITUDE and chosen < 0:
            candidate.next = 0 - chosen
        else:
            candidate.next = chosen

    @always_comb
    def addends():
        if not alive_now:
            addend.next = 0
        elif control.addend == SQUARE:
            addend.next = square
        elif control.addend == NUMERATOR:
            addend.next = late_numerator
        elif control.addend == ZERO_POINT:
            addend.next = level * late_zero
        else:
            addend.next = level

    @always(clk.posedge)
    def statistics():
        if commit and control.track_high:
            if control.fresh:
                if not alive_now:
                    # Below everything that counts, whatever the lower bits.
                    high.next = concat("10", chosen[32:]).signed()
                elif control.high_of == RANGE and candidate < 0:
                    high.next = 0
                else:
                    high.next = candidate
            elif alive_now and candidate > high:
                high.next = candidate
        if commit and control.track_low:
            if control.fresh:
                if chosen < 0:
                    low.next = chosen
                else:
                    low.next = 0
            elif chosen < low:
                low.next = chosen
        if commit and control.track_total:
            if control.fresh:
                total.next = addend
            else:
                total.next = total + addend

    negated = Signal(signed(REDUCTION_BITS))

    @always_comb
    def reduce():
        negated.next = -reduced
        joined.next = reduced[acc_bits + 5 :].signed()
        if control.reduce == HIGH:
            reduction.next = high
        elif control.reduce == NEGATED_LOW:
            reduction.next = 0 - low
        elif control.reduce == TOTAL:
            reduction.next = total
        else:
            reduction.next = sums

    held_peak, held_total, held_least = Signal(intbv(0)[32:]), Signal(intbv(0)[40:]), Signal(intbv(0)[8:])
    held_word = Signal(intbv(0)[256:])

    @always(clk.posedge)
    def capture():
        if control.capture_largest:
            largest.next = reduced[32:].signed()
        if control.capture_least and (control.first or negated < least_exponent):
            least.next = negated[8:]
        if control.capture_correction:
            correction.next = reduced[32:].signed()
        if control.shift_statistics:
            held_peak.next = next_statistic[TOTAL_SUM:]
            held_total.next = next_statistic[LEAST:TOTAL_SUM]
            held_least.next = next_statistic[STATISTIC_BITS:LEAST]
        elif control.capture_peak:
            held_peak.next = reduced[32:]
        elif control.capture_total:
            held_total.next = reduced[40:]
            held_least.next = least

    @always(clk.posedge)
    def shift():
        if control.shift_query:
            held_query.next = next_query
        if control.shift_weight:
            held_weight.next = next_weight
        if control.shift_word:
            held_word.next = next_word
        elif commit and control.push_byte:
            held_word.next = concat(level[8:], held_word[256:8])

    @always_comb
    def chain():
        statistic.next = concat(held_least, held_total, held_peak)
        query.next = held_query
        weight.next = held_weight
        word.next = held_word
