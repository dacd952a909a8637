"""RMSNorm's gain γ."""

from myhdl import Signal, always

from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.record import signed
from myhdl_acc.hdl.timed import Timed, apply
from myhdl_acc.rtl.vector.arith.multiply import multiply
from myhdl_acc.rtl.vector.arith.round_shift import round_shift

#: Cycles from an element to the result.
LATENCY = multiply.latency + round_shift.latency


@entity(outputs=("y",), latency=LATENCY)
def rms_gain(clk, unit, gamma, exponent, places, y):
    """``y`` (signed 32, 16 fraction bits, saturating) = ``unit`` (signed 26) · ``gamma`` (signed 18) with ``exponent``
    (signed 10) fraction bits, in ``places`` (signed 6) fraction bits less (golden rms_gain).

    One per cycle, latency 6; one DSP48E2. No back-pressure, no reset: validity travels beside.
    """
    weighted = apply(multiply, a=Timed(unit), b=Timed(gamma), product=Signal(signed(44)))
    late_exponent, late_places = (Timed(port).at(weighted.cycle - 1) for port in (exponent, places))
    shift = Signal(signed(len(exponent) + 1))

    @always(clk.posedge)
    def fraction():
        shift.next = late_exponent + late_places

    apply(round_shift, value=weighted, places=Timed(shift, weighted.cycle), result=y).expect(LATENCY)
