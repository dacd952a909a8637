"""A column's sums become fixed point: channels by their scale, scores and mixed values without the zero points."""

from myhdl import Signal, always_comb

from golden.machine.parameters import EXPONENT_BIAS
from golden.numerics import FRACTION
from golden.units.kv_quantise import ZERO_FRACTION
from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.delay import delay
from myhdl_acc.hdl.record import signed
from myhdl_acc.rtl.vector.arith import attention_output as attention_output_unit
from myhdl_acc.rtl.vector.arith.attention_output import attention_output
from myhdl_acc.rtl.vector.arith.attention_scores import attention_scores
from myhdl_acc.rtl.vector.arith.butterfly import latency as butterfly_latency
from myhdl_acc.rtl.vector.arith.requantise import requantise
from myhdl_acc.rtl.vector.arith.scale import scale
from myhdl_acc.rtl.vector.arith.scale_product import scale_product
from myhdl_acc.rtl.vector.unit import latencies as stage
from myhdl_acc.rtl.vector.unit.flags import MIX, SCORE
from myhdl_acc.rtl.vector.unit.records import parameter_fields

#: Cycles from the operands to ``y``; of a mixed value from the sum before the butterfly.
LATENCY = stage.REQUANTISED
#: A score's scale counts units of 2^-16 twice and sixteenths (golden attention_scores).
SCORE_PLACES = FRACTION + ZERO_FRACTION


@entity(outputs=("y",))
def requantise_path(clk, path, operands, step, query, mixed, y, lanes):
    """``y`` (s32), LATENCY cycles after its ``operands``: ``sum`` and ``parameter`` of a result word; one per cycle.

    CHANNEL: the sum times ``step`` times the parameter's scale. SCORE: the sum without the key's zero point, times
    ``query.scale`` times the key's scale. MIX: ``mixed.total``, what the butterfly of ``lanes`` columns makes of the
    sums, without ``mixed.correction``, times ``mixed.scale``. No back-pressure, no reset.
    """
    key = parameter_fields(operands.parameter, "mantissa", "exponent", "zero")
    factor, own, product = scale(), scale(), scale()
    biased = Signal(signed(9))
    score, mix = Signal(signed(47)), Signal(signed(47))
    scale_product(a=factor, b=own, product=product)
    attention_scores(dot=operands.sum, zero=key.zero, query_sum=query.sum, accumulator=score)
    attention_output(total=mixed.total, correction=mixed.correction, accumulator=mix)
    late = product.delay(stage.OPERANDS - stage.SCALE)
    after_butterfly = butterfly_latency(lanes) + attention_output_unit.LATENCY
    at_score, at_mix, at_sum = Signal(signed(47)), Signal(signed(47)), Signal(operands.sum.val)
    delay(d=score, q=at_score, stages=stage.OPERANDS - stage.SCORE)
    delay(d=mix, q=at_mix, stages=stage.OPERANDS - after_butterfly)
    delay(d=operands.sum, q=at_sum, stages=stage.OPERANDS)
    accumulator, by = Signal(signed(47)), scale()
    requantise(accumulator=accumulator, scale=by, result=y)

    @always_comb
    def extend():
        biased.next = key.exponent

    @always_comb
    def factors():
        own.mantissa.next = key.mantissa
        own.exponent.next = biased - EXPONENT_BIAS
        if path == SCORE:
            factor.mantissa.next = query.scale.mantissa
            factor.exponent.next = query.scale.exponent
        else:
            factor.mantissa.next = step.mantissa
            factor.exponent.next = step.exponent

    @always_comb
    def choose():
        if path == SCORE:
            accumulator.next = at_score
            by.mantissa.next = late.mantissa
            by.exponent.next = late.exponent + SCORE_PLACES
        elif path == MIX:
            accumulator.next = at_mix
            by.mantissa.next = mixed.scale.mantissa
            by.exponent.next = mixed.scale.exponent
        else:
            accumulator.next = at_sum
            by.mantissa.next = late.mantissa
            by.exponent.next = late.exponent
