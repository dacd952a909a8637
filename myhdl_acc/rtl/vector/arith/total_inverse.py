"""One over the softmax total."""

from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.rtl.vector.arith import normalise as normalise_unit
from myhdl_acc.rtl.vector.arith import reciprocal as reciprocal_unit
from myhdl_acc.rtl.vector.arith.normalise import normalise
from myhdl_acc.rtl.vector.arith.reciprocal import reciprocal
from myhdl_acc.rtl.vector.arith.scale import scale

#: Cycles from ``total`` to the result.
LATENCY = normalise_unit.LATENCY + reciprocal_unit.LATENCY


@entity(outputs=("inverse",))
def total_inverse(clk, total, inverse):
    """``inverse`` = 1/``total``, a scale; one per cycle, latency 20.

    ``total``: unsigned, 17 to 62 bits, 0 counting as 1. Golden: total_inverse; relative error ≤ 2^-14.4. No
    back-pressure, no reset: validity travels beside.
    """
    nearest = scale()
    normalise(value=total, scale=nearest)
    reciprocal(scale=nearest, inverse=inverse)
