"""One over the softmax total."""

from myhdl import Signal, intbv

from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.stream.stream import signed
from myhdl_acc.rtl.vector.arith import normalise as normalise_unit
from myhdl_acc.rtl.vector.arith import reciprocal as reciprocal_unit
from myhdl_acc.rtl.vector.arith.normalise import normalise
from myhdl_acc.rtl.vector.arith.reciprocal import reciprocal

#: Cycles from ``total`` to the result.
LATENCY = normalise_unit.LATENCY + reciprocal_unit.LATENCY


@entity(outputs=("mantissa", "exponent"))
def total_inverse(clk, total, mantissa, exponent):
    """(``mantissa``, ``exponent``) = 1/``total``; one per cycle, latency 20.

    ``total``: unsigned, 17 to 62 bits, 0 counting as 1; ``mantissa``: unsigned 16; ``exponent``: signed 10. Golden:
    total_inverse; relative error ≤ 2^-14.4. No back-pressure, no reset: validity travels beside.
    """
    total_mantissa, total_exponent = Signal(intbv(0)[16:]), Signal(signed(10))
    normalise(value=total, mantissa=total_mantissa, exponent=total_exponent)
    reciprocal(mantissa=total_mantissa, exponent=total_exponent, inverse_mantissa=mantissa, inverse_exponent=exponent)
