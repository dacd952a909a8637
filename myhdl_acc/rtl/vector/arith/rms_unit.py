"""A vector's elements relative to its length, or to its largest magnitude."""

from myhdl import Signal

from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.record import signed
from myhdl_acc.hdl.timed import Timed, apply
from myhdl_acc.rtl.vector.arith.multiply import multiply
from myhdl_acc.rtl.vector.arith.round_shift import round_shift

#: Cycles from an element to the ``unit``.
LATENCY = multiply.latency + round_shift.latency


@entity(outputs=("unit",), latency=LATENCY)
def rms_unit(clk, x, inverse, places, unit):
    """``unit`` (signed 26) = ``x`` (signed 32) · ``inverse`` (unsigned 17) · 2^-``places`` (signed 7), rounded half up,
    saturating (golden rms_unit). One per cycle, latency 6; two DSP48E2. No back-pressure, no reset: validity travels
    beside.
    """
    product = apply(multiply, a=Timed(x), b=Timed(inverse), product=Signal(signed(50)))
    apply(round_shift, value=product, places=Timed(places), result=unit).expect(LATENCY)
