"""The multiplication of a value by a scale's mantissa."""

from myhdl import Signal, always, block, intbv

from myhdl_acc.hdl.record import signed

#: Cycles from the operands to ``product``.
LATENCY = 3
#: Bits that a DSP48E2 multiplies as unsigned ones: it takes signed 27 × 18.
_PART = 26


@block(latency=LATENCY)
def mantissa_product(clk, value, mantissa, product):
    """``product`` = ``value`` · ``mantissa``, exact; one per cycle, latency 3, two DSP48E2.

    ``value``: signed, 28 to 53 bits; ``mantissa``: unsigned 16; ``product``: signed, 16 bits more than ``value``. The
    value's lowest 26 bits and the others are multiplied apart, as one DSP48E2 with registers does each.
    """
    high_bits = len(value) - _PART
    low, high = Signal(intbv(0)[_PART:]), Signal(signed(high_bits))
    factor = Signal(intbv(0)[16:])
    low_product, high_product = Signal(intbv(0)[_PART + 16 :]), Signal(signed(high_bits + 17))

    @always(clk.posedge)
    def multiply():
        low.next = value[_PART:]
        high.next = value >> _PART
        factor.next = mantissa
        low_product.next = low * factor
        high_product.next = high * factor
        product.next = (high_product << _PART) + low_product
