"""The division of a range into steps, which both quantisers begin with."""

from myhdl import always, block

from myhdl_acc.rtl.vector.arith import normalise as normalise_unit
from myhdl_acc.rtl.vector.arith import reciprocal as reciprocal_unit
from myhdl_acc.rtl.vector.arith import scale_product as product_unit
from myhdl_acc.rtl.vector.arith.normalise import normalise
from myhdl_acc.rtl.vector.arith.reciprocal import reciprocal
from myhdl_acc.rtl.vector.arith.scale import scale
from myhdl_acc.rtl.vector.arith.scale_product import scale_product

#: Cycles from ``width`` to the results.
LATENCY = normalise_unit.LATENCY + product_unit.LATENCY + reciprocal_unit.LATENCY


@block
def step_of_range(clk, width, step, inverse, fraction):
    """``step`` = ``width`` · ``fraction`` (a golden Scale) and ``inverse`` = 1/step; one per cycle, latency 23.

    ``width``: unsigned, 0 counting as 1; the results are scales.
    """
    span, part, early = scale(), scale(), scale()
    constant_mantissa, constant_exponent = int(fraction.mantissa), int(fraction.exponent)

    @always(clk.posedge)
    def constant():
        part.mantissa.next = constant_mantissa
        part.exponent.next = constant_exponent

    normalise(value=width, scale=span)
    scale_product(a=span, b=part, product=early)
    reciprocal(scale=early, inverse=inverse)
    early.delay(reciprocal_unit.LATENCY) >> step
