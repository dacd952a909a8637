"""The squares that RMSNorm adds up."""

from myhdl import Signal, always, always_comb, block, intbv

from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.record import signed

#: Cycles from an element to its square.
LATENCY = 6


@entity(outputs=("square",), latency=LATENCY)
def rms_square(clk, x, drop, square):
    """``square`` (unsigned 34) of ``x`` (signed 32) · 2^-drop, rounded half up and limited to ±(2^17 − 1).

    ``drop`` (unsigned 4) comes from rms_drop. A square every cycle, latency 6; one DSP48E2. No back-pressure, no reset:
    validity travels beside.
    """
    limited, held = Signal(signed(18)), Signal(signed(18))
    product = Signal(intbv(0)[34:])
    round_right(x=x, drop=drop, limited=limited)

    @always(clk.posedge)
    def multiply():
        held.next = limited
        product.next = held * held
        square.next = product


@block
def round_right(clk, x, drop, limited):
    """``limited`` = ``x`` · 2^-drop rounded half up and limited to ±(2^17 − 1); latency 3."""
    doubled, rounded = Signal(signed(33)), Signal(signed(33))
    halves = Signal(intbv(0, min=-(1 << 32), max=(1 << 32) - 1))
    above, low_bits = Signal(intbv(0)[16:]), Signal(intbv(0)[17:])
    largest, ones = (1 << 17) - 1, (1 << 16) - 1

    @always_comb
    def double():
        doubled.next = x << 1

    @always(clk.posedge)
    def shift():
        # One place is left, so that the lowest bit says whether to round up.
        halves.next = doubled >> drop
        rounded.next = (halves + 1) >> 1

    @always_comb
    def split():
        above.next = rounded[33:17]
        low_bits.next = rounded[17:]

    @always(clk.posedge)
    def limit():
        # Not by comparisons with -largest: GHDL 2.0 synthesises those of more than 32 bits wrongly.
        if above == 0 or (above == ones and low_bits != 0):
            limited.next = rounded[18:].signed()
        elif rounded[32]:
            limited.next = -largest
        else:
            limited.next = largest
