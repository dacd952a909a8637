"""What the check of multipliers must find."""

from myhdl import Signal, always, intbv

from myhdl_acc.hdl.convert.entity import entity


def operands():
    return {"a": Signal(intbv(0)[8:]), "b": Signal(intbv(0)[8:]), "product": Signal(intbv(0)[17:])}


@entity(outputs=("product",))
def bare_multiplier(clk, rst, a, b, product):
    """``a`` · ``b`` + 1 with a register for ``b`` and one behind the addition alone."""
    held = Signal(intbv(0)[8:])

    @always(clk.posedge)
    def add():
        held.next = b
        product.next = a * held + 1
        if rst:
            held.next = 0
