"""RMSNorm's second pass."""

from myhdl import Signal, always_comb

from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.record import signed
from myhdl_acc.hdl.timed import Timed, apply
from myhdl_acc.rtl.vector.arith.multiply import multiply
from myhdl_acc.rtl.vector.arith.round_shift import round_shift

#: Cycles from an element to the normalised one.
LATENCY = 2 * (multiply.latency + round_shift.latency)


@entity(outputs=("y",), latency=LATENCY)
def rms_norm(clk, x, inverse, places, gamma, exponent, y):
    """``y`` = x/‖x‖ · γ√N (golden normalised), ``x`` and ``y`` signed 32 with 16 fraction bits, saturating.

    ``inverse`` (unsigned 17) and ``places`` (signed 7) from rms_scale, ``gamma`` (signed 18) and ``exponent`` (signed
    10) of the weights. A result every cycle, latency 12; three DSP48E2. No back-pressure, no reset: validity travels
    beside. The whole RMSNorm is within 2^-11 of the exact element, plus 2^-24 √N γ and one unit in the last place.
    """
    product = apply(multiply, a=Timed(x), b=Timed(inverse), product=Signal(signed(50)))
    unit = apply(round_shift, value=product, places=Timed(places), result=Signal(signed(26)))
    weighted = apply(multiply, a=unit, b=Timed(gamma), product=Signal(signed(44)))
    late_exponent, weight_places = Timed(exponent).at(weighted.cycle), Signal(signed(len(exponent) + 1))

    @always_comb
    def fraction():
        # 24 fraction bits become 16.
        weight_places.next = late_exponent + 8

    apply(round_shift, value=weighted, places=Timed(weight_places, weighted.cycle), result=y).expect(LATENCY)
