"""The product of two scales."""

from myhdl import Signal, always, always_comb, intbv

from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.record import signed

#: Cycles from the operands to the result.
LATENCY = 3


@entity(outputs=("product",), latency=LATENCY)
def scale_product(clk, a, b, product):
    """``product`` = ``a`` · ``b``, rounded half up to 16 bits; one per cycle, latency 3.

    All scales; the product's exponent modulo 2^10. Golden: Scale.__mul__; relative error ≤ 2^-16. One DSP48E2. No
    back-pressure, no reset: validity travels beside.
    """
    exponent_bits = len(product.exponent)
    factor_a, factor_b = Signal(intbv(0)[16:]), Signal(intbv(0)[16:])
    exact = Signal(intbv(0)[32:])
    rounded = Signal(intbv(0)[17:])
    sum1, sum2, lowered = (Signal(signed(exponent_bits + 2)) for _ in range(3))

    @always(clk.posedge)
    def multiply():
        factor_a.next = a.mantissa
        factor_b.next = b.mantissa
        sum1.next = a.exponent + b.exponent
        exact.next = factor_a * factor_b
        sum2.next = sum1

    @always_comb
    def round_half_up():
        if exact[31]:
            rounded.next = exact[32:16] + exact[15]
        else:
            rounded.next = exact[31:15] + exact[14]

    @always_comb
    def lower():
        if exact[31] and rounded[16]:
            lowered.next = sum2 - 17
        elif exact[31] or rounded[16]:
            lowered.next = sum2 - 16
        else:
            lowered.next = sum2 - 15

    @always(clk.posedge)
    def carry():
        # Rounded up to 2^16, the mantissa is halved.
        if rounded[16]:
            product.mantissa.next = rounded[17:1]
        else:
            product.mantissa.next = rounded[16:]
        product.exponent.next = lowered[exponent_bits:].signed()
