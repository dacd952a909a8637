"""The softmax's numerators, and the weights of the values that they meet."""

from myhdl import Signal, always_comb, intbv

from golden.machine.parameters import EXPONENT_BIAS
from golden.units.value_probs import LEAST_DROP
from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.delay import delay
from myhdl_acc.hdl.record import Record, signed
from myhdl_acc.rtl.vector.arith.softmax import softmax
from myhdl_acc.rtl.vector.arith.value_probs import MOST_PLACES, value_probs
from myhdl_acc.rtl.vector.unit import latencies as stage
from myhdl_acc.rtl.vector.unit.records import PLACES_BITS, parameter_fields

#: Cycles from a score and its value's parameter to both results.
LATENCY = stage.WEIGHTED


@entity(outputs=("numerator", "weight"))
def softmax_path(clk, score, value, reference, places, numerator, weight):
    """``numerator`` (16): 15/16 · 2^(``score`` − ``reference``), s32 and s33; ``weight`` (7): that times the step of
    the value parameter ``value``, in units of 2^``places`` (s10; golden value_probs). One per cycle, latency 11. No
    back-pressure, no reset.
    """
    fields = parameter_fields(value, "mantissa", "exponent")
    exponent, offset, difference = (Signal(signed(PLACES_BITS + extra)) for extra in (0, 1, 2))
    p = Signal(intbv(0)[16:])
    step = Record(mantissa=16, places=5)
    late = step.delay(stage.NUMERATOR)
    softmax(reference=reference, score=score, p=p)
    value_probs(p=p, mantissa=late.mantissa, places=late.places, weight=weight)
    delay(d=p, q=numerator, stages=stage.WEIGHTED - stage.NUMERATOR)

    @always_comb
    def split():
        step.mantissa.next = fields.mantissa
        exponent.next = fields.exponent
        offset.next = places - (EXPONENT_BIAS + LEAST_DROP)

    @always_comb
    def add():
        difference.next = exponent + offset

    @always_comb
    def limit():
        if difference < 0:
            step.places.next = 0
        elif difference > MOST_PLACES:
            step.places.next = MOST_PLACES
        else:
            step.places.next = difference[5:]
