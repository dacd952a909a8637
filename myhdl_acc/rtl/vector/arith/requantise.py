"""The engine's exact sums become the vector unit's fixed point."""

from myhdl import Signal

from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.delay import delay
from myhdl_acc.hdl.record import signed
from myhdl_acc.rtl.vector.arith import mantissa_product as product_unit
from myhdl_acc.rtl.vector.arith import round_shift as shift_unit
from myhdl_acc.rtl.vector.arith.mantissa_product import mantissa_product
from myhdl_acc.rtl.vector.arith.round_shift import round_shift

#: Cycles from the operands to ``result``.
LATENCY = product_unit.LATENCY + shift_unit.LATENCY


@entity(outputs=("result",))
def requantise(clk, accumulator, scale, result):
    """``result`` = ``accumulator`` · ``scale``, rounded and saturated; one per cycle, latency 6.

    ``accumulator``: signed 47; the scale's exponent is limited to −31 … 62; ``result``: signed 32. Golden: requantise.
    Exact but for the one rounding, half up: |error| ≤ 1/2. Two DSP48E2. No back-pressure, no reset: validity travels
    beside.
    """
    product = Signal(signed(len(accumulator) + 16))
    mantissa_product(value=accumulator, mantissa=scale.mantissa, product=product)
    places = Signal(signed(len(scale.exponent)))
    delay(d=scale.exponent, q=places, stages=product_unit.LATENCY)
    round_shift(value=product, places=places, result=result)
