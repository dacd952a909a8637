"""The division of a range into steps, which both quantisers begin with."""

from myhdl import always, block

from myhdl_acc.hdl.timed import Timed, apply
from myhdl_acc.rtl.vector.arith.normalise import normalise
from myhdl_acc.rtl.vector.arith.reciprocal import reciprocal
from myhdl_acc.rtl.vector.arith.scale import scale
from myhdl_acc.rtl.vector.arith.scale_product import scale_product

#: Cycles from ``width`` to the results.
LATENCY = normalise.latency + scale_product.latency + reciprocal.latency


@block(latency=LATENCY)
def step_of_range(clk, width, step, inverse, fraction):
    """``step`` = ``width`` · ``fraction`` (a golden Scale) and ``inverse`` = 1/step; one per cycle, latency 24.

    ``width``: unsigned, 0 counting as 1; the results are scales.
    """
    part = scale()
    constant_mantissa, constant_exponent = int(fraction.mantissa), int(fraction.exponent)

    @always(clk.posedge)
    def constant():
        part.mantissa.next = constant_mantissa
        part.exponent.next = constant_exponent

    span = apply(normalise, value=Timed(width), scale=scale())
    early = apply(scale_product, a=span, b=Timed(part, span.cycle), product=scale())
    apply(reciprocal, scale=early, inverse=inverse).expect(LATENCY)
    early.at(LATENCY) >> step
