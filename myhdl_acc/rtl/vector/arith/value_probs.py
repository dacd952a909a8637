"""Softmax numerators times the steps of the values they meet."""

from myhdl import Signal, always, always_comb, concat, intbv

from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.delay import delay
from myhdl_acc.rtl.vector.arith import multiply as multiplier
from myhdl_acc.rtl.vector.arith.multiply import multiply

#: Cycles from a numerator to its product.
LATENCY = multiplier.LATENCY + 2


@entity(outputs=("product",))
def value_probs(clk, p, mantissa, drop, product):
    """``product`` (unsigned 31) = ``p`` · ``mantissa`` · 2^-drop, truncated (golden aligned_product).

    ``p``: unsigned 17, at most 2^16; ``mantissa``: unsigned 16; ``drop``: unsigned 6, at least 1. A result every
    cycle, latency 5; one DSP48E2. No back-pressure, no reset: validity travels beside.
    """
    exact, shifted, aligned = (Signal(intbv(0)[33:]) for _ in range(3))
    coarse, late_coarse = Signal(intbv(0)[3:]), Signal(intbv(0)[3:])
    fine, late_fine = Signal(intbv(0)[3:]), Signal(intbv(0)[3:])

    @always_comb
    def split():
        coarse.next = drop[6:3]
        fine.next = drop[3:]

    multiply(a=p, b=mantissa, product=exact)
    delay(d=coarse, q=late_coarse, stages=multiplier.LATENCY)
    delay(d=fine, q=late_fine, stages=multiplier.LATENCY + 1)

    @always(clk.posedge)
    def shift():
        shifted.next = exact >> concat(late_coarse, "000")
        aligned.next = shifted >> late_fine

    @always_comb
    def output():
        product.next = aligned[31:]
