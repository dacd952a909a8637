"""The softmax's numerators, and the values' steps in them."""

from myhdl import Signal, always_comb, intbv

from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.delay import delay
from myhdl_acc.hdl.record import Record, signed
from myhdl_acc.rtl.vector.arith.softmax import softmax
from myhdl_acc.rtl.vector.arith.value_probs import value_probs
from myhdl_acc.rtl.vector.unit import latencies as stage
from myhdl_acc.rtl.vector.unit.records import parameter_fields

#: Cycles from a score and its value's parameter to both results.
LATENCY = stage.WEIGHTED
#: Places that value_probs drops beside the exponents' difference, and where the difference ends.
SPARE_BITS, LARGEST_DROP = 2, 40


@entity(outputs=("numerator", "weighted"))
def softmax_path(clk, score, largest, value, least, numerator, weighted):
    """``numerator`` (17): 2^(``score`` − ``largest``), both s32; ``weighted`` (31): that times the step of the value
    parameter ``value``, aligned to the ``least`` exponent field (8) of all. One per cycle, latency 11. No
    back-pressure, no reset.
    """
    fields = parameter_fields(value, "mantissa", "exponent")
    exponent, reference, difference = (Signal(signed(10)) for _ in range(3))
    p = Signal(intbv(0)[17:])
    step = Record(mantissa=16, drop=6)
    late = step.delay(stage.NUMERATOR)
    softmax(largest=largest, score=score, p=p)
    value_probs(p=p, mantissa=late.mantissa, drop=late.drop, product=weighted)
    delay(d=p, q=numerator, stages=stage.WEIGHTED - stage.NUMERATOR)

    @always_comb
    def split():
        step.mantissa.next = fields.mantissa
        exponent.next = fields.exponent
        reference.next = least

    @always_comb
    def subtract():
        difference.next = exponent - reference

    @always_comb
    def align():
        if difference < 0:
            step.drop.next = SPARE_BITS
        elif difference > LARGEST_DROP:
            step.drop.next = LARGEST_DROP + SPARE_BITS
        else:
            step.drop.next = difference[6:] + SPARE_BITS
