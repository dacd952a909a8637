"""The division of a range into steps, which both quantisers begin with."""

from myhdl import Signal, always, block, intbv

from myhdl_acc.hdl.delay import delay
from myhdl_acc.hdl.stream.stream import signed
from myhdl_acc.rtl.vector.arith import normalise as normalise_unit
from myhdl_acc.rtl.vector.arith import reciprocal as reciprocal_unit
from myhdl_acc.rtl.vector.arith import scale_product as product_unit
from myhdl_acc.rtl.vector.arith.normalise import normalise
from myhdl_acc.rtl.vector.arith.reciprocal import reciprocal
from myhdl_acc.rtl.vector.arith.scale_product import scale_product

#: Cycles from ``width`` to the results.
LATENCY = normalise_unit.LATENCY + product_unit.LATENCY + reciprocal_unit.LATENCY


@block
def step_of_range(clk, width, step_mantissa, step_exponent, inverse_mantissa, inverse_exponent, fraction):
    """step = ``width`` · ``fraction`` (a Scale) and inverse = 1/step; one per cycle, latency 23.

    ``width``: unsigned, 0 counting as 1; mantissas: unsigned 16; exponents: signed 10.
    """
    range_mantissa, part_mantissa, mantissa = (Signal(intbv(0)[16:]) for _ in range(3))
    range_exponent, part_exponent, exponent = (Signal(signed(10)) for _ in range(3))
    constant_mantissa, constant_exponent = int(fraction.mantissa), int(fraction.exponent)

    @always(clk.posedge)
    def constant():
        part_mantissa.next = constant_mantissa
        part_exponent.next = constant_exponent

    normalise(value=width, mantissa=range_mantissa, exponent=range_exponent)
    scale_product(
        a_mantissa=range_mantissa,
        a_exponent=range_exponent,
        b_mantissa=part_mantissa,
        b_exponent=part_exponent,
        mantissa=mantissa,
        exponent=exponent,
    )
    reciprocal(
        mantissa=mantissa, exponent=exponent, inverse_mantissa=inverse_mantissa, inverse_exponent=inverse_exponent
    )
    delay(d=mantissa, q=step_mantissa, stages=reciprocal_unit.LATENCY)
    delay(d=exponent, q=step_exponent, stages=reciprocal_unit.LATENCY)
