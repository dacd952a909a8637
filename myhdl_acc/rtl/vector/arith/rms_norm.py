"""RMSNorm's second pass."""

from myhdl import Signal, always_comb

from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.delay import delay
from myhdl_acc.hdl.record import signed
from myhdl_acc.hdl.wiring import type_of
from myhdl_acc.rtl.vector.arith import multiply as multiplier
from myhdl_acc.rtl.vector.arith import round_shift as rounder
from myhdl_acc.rtl.vector.arith.multiply import multiply
from myhdl_acc.rtl.vector.arith.round_shift import round_shift

_UNIT_LATENCY = multiplier.LATENCY + rounder.LATENCY
#: Cycles from an element to the normalised one.
LATENCY = 2 * _UNIT_LATENCY


@entity(outputs=("y",))
def rms_norm(clk, x, inverse, places, gamma, exponent, y):
    """``y`` = x/‖x‖ · γ√N (golden normalised), ``x`` and ``y`` signed 32 with 16 fraction bits, saturating.

    ``inverse`` (unsigned 17) and ``places`` (signed 7) from rms_scale, ``gamma`` (signed 18) and ``exponent`` (signed
    10) of the weights. A result every cycle, latency 12; three DSP48E2. No back-pressure, no reset: validity travels
    beside. The whole RMSNorm is within 2^-11 of the exact element, plus 2^-24 √N γ and one unit in the last place.
    """
    product, unit, weighted = Signal(signed(50)), Signal(signed(26)), Signal(signed(44))
    late_places, late_gamma = Signal(type_of(places)), Signal(type_of(gamma))
    late_exponent, weight_places = Signal(type_of(exponent)), Signal(signed(len(exponent) + 1))

    @always_comb
    def fraction():
        # 24 fraction bits become 16.
        weight_places.next = late_exponent + 8

    multiply(a=x, b=inverse, product=product)
    delay(d=places, q=late_places, stages=multiplier.LATENCY)
    round_shift(value=product, places=late_places, result=unit)
    delay(d=gamma, q=late_gamma, stages=_UNIT_LATENCY)
    multiply(a=unit, b=late_gamma, product=weighted)
    delay(d=exponent, q=late_exponent, stages=_UNIT_LATENCY + multiplier.LATENCY)
    round_shift(value=weighted, places=weight_places, result=y)
