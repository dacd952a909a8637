"""The product of two scales."""

from myhdl import Signal, always, always_comb, intbv

from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.stream.stream import signed

#: Cycles from the operands to the result.
LATENCY = 3


@entity(outputs=("mantissa", "exponent"))
def scale_product(clk, a_mantissa, a_exponent, b_mantissa, b_exponent, mantissa, exponent):
    """(``mantissa``, ``exponent``) = a · b, rounded half up to 16 bits; one per cycle, latency 3.

    Mantissas: unsigned 16, 2^15 or more; exponents: signed 10, the result's modulo 2^10. Golden: Scale.__mul__;
    relative error ≤ 2^-16. One DSP48E2. No back-pressure, no reset: validity travels beside.
    """
    factor_a, factor_b = Signal(intbv(0)[16:]), Signal(intbv(0)[16:])
    product = Signal(intbv(0)[32:])
    rounded = Signal(intbv(0)[17:])
    sum1, sum2, lowered = (Signal(signed(len(exponent) + 2)) for _ in range(3))
    exponent_bits = len(exponent)

    @always(clk.posedge)
    def multiply():
        factor_a.next = a_mantissa
        factor_b.next = b_mantissa
        sum1.next = a_exponent + b_exponent
        product.next = factor_a * factor_b
        sum2.next = sum1

    @always_comb
    def round_half_up():
        if product[31]:
            rounded.next = product[32:16] + product[15]
        else:
            rounded.next = product[31:15] + product[14]

    @always_comb
    def lower():
        if product[31] and rounded[16]:
            lowered.next = sum2 - 17
        elif product[31] or rounded[16]:
            lowered.next = sum2 - 16
        else:
            lowered.next = sum2 - 15

    @always(clk.posedge)
    def carry():
        # Rounded up to 2^16, the mantissa is halved.
        if rounded[16]:
            mantissa.next = rounded[17:1]
        else:
            mantissa.next = rounded[16:]
        exponent.next = lowered[exponent_bits:].signed()
