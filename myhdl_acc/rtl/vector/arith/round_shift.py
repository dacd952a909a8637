"""The rounding shift behind the products of the vector unit."""

from myhdl import Signal, always, always_comb, intbv

from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.record import signed
from myhdl_acc.rtl.vector.arith.shift_window import shift_window

#: Cycles from the operands to ``result``.
LATENCY = shift_window.latency + 1


@entity(outputs=("result",), latency=LATENCY)
def round_shift(clk, value, places, result):
    """``result`` = ``value`` · 2^-``places`` rounded half up and saturated; one per cycle, latency 3.

    ``value``: signed, up to 64 bits; ``places``: signed, what is below −31 counts as −31 and above 62 as 62;
    ``result``: signed, up to 32 bits. Golden: saturate(round_shift(value, places), width). Exact but for the one
    rounding: |error| ≤ 1/2. No back-pressure, no reset: validity travels beside.
    """
    bits = len(result)
    low, high = -(1 << (bits - 1)), (1 << (bits - 1)) - 1
    window = Signal(intbv(0)[bits:])
    negative, overflow = Signal(bool(0)), Signal(bool(0))
    shift_window(value=value, places=places, window=window, negative=negative, overflow=overflow, fraction=1)
    whole, exact, rounded = Signal(signed(bits)), Signal(signed(bits)), Signal(signed(bits + 1))

    @always_comb
    def drop():
        whole.next = window[bits:1]

    @always_comb
    def restore():
        if negative:
            exact.next = ~whole
        else:
            exact.next = whole

    @always_comb
    def round_half_up():
        if window[0] != negative:
            rounded.next = exact + 1
        else:
            rounded.next = exact

    @always(clk.posedge)
    def saturate():
        # Rounded up, the largest positive window has its sign bit set. Comparing with ``high`` would not do: of 32 bits
        # its literal is unsigned in Verilog, and the comparison, too.
        if negative and overflow:
            result.next = low
        elif not negative and (overflow or rounded[bits - 1]):
            result.next = high
        else:
            result.next = rounded
