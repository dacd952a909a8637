"""A pipelined multiplier."""

from myhdl import Signal, always, block

from myhdl_acc.hdl.wiring import type_of

#: Cycles from the operands to their product: the operand, multiplier and output registers of a DSP48E2.
LATENCY = 3


@block(latency=LATENCY)
def multiply(clk, a, b, product):
    """``product`` = ``a`` · ``b`` of any widths and signedness; a product every cycle, latency 3.

    ``product`` must be wide enough for the exact product. No back-pressure, no reset: validity travels beside.
    """
    held_a, held_b = Signal(type_of(a)), Signal(type_of(b))
    result = Signal(type_of(product))

    @always(clk.posedge)
    def registers():
        held_a.next = a
        held_b.next = b
        result.next = held_a * held_b
        product.next = result
