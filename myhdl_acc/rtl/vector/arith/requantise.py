"""The engine's exact sums become the vector unit's fixed point."""

from myhdl import Signal

from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.record import signed
from myhdl_acc.hdl.timed import Timed, apply
from myhdl_acc.rtl.vector.arith.mantissa_product import mantissa_product
from myhdl_acc.rtl.vector.arith.round_shift import round_shift

#: Cycles from the operands to ``result``.
LATENCY = mantissa_product.latency + round_shift.latency


@entity(outputs=("result",), latency=LATENCY)
def requantise(clk, accumulator, scale, result):
    """``result`` = ``accumulator`` · ``scale``, rounded and saturated; one per cycle, latency 6.

    ``accumulator``: signed 47; the scale's exponent is limited to −31 … 62; ``result``: signed 32. Golden: requantise.
    Exact but for the one rounding, half up: |error| ≤ 1/2. Two DSP48E2. No back-pressure, no reset: validity travels
    beside.
    """
    product = Signal(signed(len(accumulator) + 16))
    exact = apply(mantissa_product, value=Timed(accumulator), mantissa=Timed(scale.mantissa), product=product)
    apply(round_shift, value=exact, places=Timed(scale.exponent), result=result).expect(LATENCY)
