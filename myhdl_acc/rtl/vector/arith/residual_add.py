"""Residual addition."""

from myhdl import Signal, always, always_comb

from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.record import signed

#: Cycles from the operands to ``result``.
LATENCY = 1


@entity(outputs=("result",), latency=LATENCY)
def residual_add(clk, x, y, result):
    """``result`` = ``x`` + ``y``, saturated; one per cycle, latency 1.

    All signed 32. Golden: residual_add. Exact where it does not saturate. No back-pressure, no reset: validity travels
    beside.
    """
    bits = len(result)
    low, high = -(1 << (bits - 1)), (1 << (bits - 1)) - 1
    total = Signal(signed(bits + 1))

    @always_comb
    def add():
        total.next = x + y

    @always(clk.posedge)
    def saturate():
        if total[bits] == total[bits - 1]:
            result.next = total
        elif total[bits]:
            result.next = low
        else:
            result.next = high
