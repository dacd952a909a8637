"""One over the softmax total."""

from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.timed import Timed, apply
from myhdl_acc.rtl.vector.arith.normalise import normalise
from myhdl_acc.rtl.vector.arith.reciprocal import reciprocal
from myhdl_acc.rtl.vector.arith.scale import scale

#: Cycles from ``total`` to the result.
LATENCY = normalise.latency + reciprocal.latency


@entity(outputs=("inverse",), latency=LATENCY)
def total_inverse(clk, total, inverse):
    """``inverse`` = 1/``total``, a scale; one per cycle, latency 21.

    ``total``: unsigned, 17 to 62 bits, 0 counting as 1. Golden: total_inverse; relative error ≤ 2^-14.4. No
    back-pressure, no reset: validity travels beside.
    """
    nearest = apply(normalise, value=Timed(total), scale=scale())
    apply(reciprocal, scale=nearest, inverse=inverse).expect(LATENCY)
