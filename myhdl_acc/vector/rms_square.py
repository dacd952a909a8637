"""The squares that RMSNorm adds up."""

from myhdl import Signal, always, always_comb, block

from myhdl_acc.convert.entity import entity
from myhdl_acc.stream.stream import signed
from myhdl_acc.vector import multiply as multiplier
from myhdl_acc.vector.multiply import multiply

#: Cycles from an element to its square.
LATENCY = 3 + multiplier.LATENCY


@entity(outputs=("square",))
def rms_square(clk, x, drop, square):
    """``square`` (unsigned 34) of ``x`` (signed 32) · 2^-drop, rounded half up and limited to ±(2^17 − 1).

    ``drop`` (unsigned 4) comes from rms_drop. A square every cycle, latency 6; one DSP48E2. No back-pressure, no reset:
    validity travels beside.
    """
    limited, product = Signal(signed(18)), Signal(signed(36))
    rounding = round_right(clk, x, drop, limited)
    squaring = multiply(clk, limited, limited, product)

    @always_comb
    def output():
        square.next = product[34:]

    return rounding, squaring, output


@block
def round_right(clk, x, drop, limited):
    """``limited`` = ``x`` · 2^-drop rounded half up and limited to ±(2^17 − 1); latency 3."""
    doubled, halves, rounded = Signal(signed(33)), Signal(signed(33)), Signal(signed(33))
    largest = (1 << 17) - 1

    @always_comb
    def double():
        doubled.next = x << 1

    @always(clk.posedge)
    def shift():
        # One place is left, so that the lowest bit says whether to round up.
        halves.next = doubled >> drop
        rounded.next = (halves + 1) >> 1

    @always(clk.posedge)
    def limit():
        if rounded > largest:
            limited.next = largest
        elif rounded < -largest:
            limited.next = -largest
        else:
            limited.next = rounded[18:].signed()

    return double, shift, limit
