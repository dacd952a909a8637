"""Rounding by a constant number of places, with saturation."""

from myhdl import Signal, always, always_comb, block, intbv

from myhdl_acc.hdl.record import signed

#: Cycles from a value to its rounded one.
LATENCY = 2


def roundable(width, places):
    """Initial value of a signed signal of ``width`` bits to which half of 2^``places`` can be added."""
    return intbv(0, min=-(1 << (width - 1)), max=(1 << (width - 1)) - (1 << (places - 1)))


@block(latency=LATENCY)
def round_constant(clk, value, result, places):
    """``result`` = ``value`` · 2^-places, rounded half up, saturated to ``result``'s width; latency 2.

    ``value`` is ``roundable``: adding half cannot overflow. A result every cycle. No back-pressure, no reset: validity
    travels beside.
    """
    half = 1 << (places - 1)
    bits, size = len(value) - places, len(result)
    rounded = Signal(signed(bits))
    # All equal to the sign if the result can hold it. Unsigned: VHDL takes a slice of a signed number as signed.
    above = Signal(intbv(0)[bits - size + 1 :])
    ones = (1 << (bits - size + 1)) - 1
    least, largest = -(1 << (size - 1)), (1 << (size - 1)) - 1

    @always(clk.posedge)
    def shift():
        rounded.next = (value + half) >> places

    @always_comb
    def upper():
        above.next = rounded[bits : size - 1]

    @always(clk.posedge)
    def saturate():
        if above == 0 or above == ones:
            result.next = rounded[size:].signed()
        elif rounded[bits - 1]:
            result.next = least
        else:
            result.next = largest
