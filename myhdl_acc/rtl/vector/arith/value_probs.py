"""Softmax numerators times the steps of the values they meet."""

from myhdl import Signal, always, always_comb, concat, intbv

from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.timed import Timed, apply
from myhdl_acc.rtl.vector.arith.multiply import multiply

#: Cycles from a numerator to its product.
LATENCY = multiply.latency + 2


@entity(outputs=("product",), latency=LATENCY)
def value_probs(clk, p, mantissa, drop, product):
    """``product`` (unsigned 31) = ``p`` · ``mantissa`` · 2^-drop, truncated (golden aligned_product).

    ``p``: unsigned 17, at most 2^16; ``mantissa``: unsigned 16; ``drop``: unsigned 6, at least 1. A result every
    cycle, latency 5; one DSP48E2. No back-pressure, no reset: validity travels beside.
    """
    shifted, aligned = Signal(intbv(0)[33:]), Signal(intbv(0)[33:])
    coarse, fine = Signal(intbv(0)[3:]), Signal(intbv(0)[3:])

    @always_comb
    def split():
        coarse.next = drop[6:3]
        fine.next = drop[3:]

    exact = apply(multiply, a=Timed(p), b=Timed(mantissa), product=Signal(intbv(0)[33:]))
    late_coarse, late_fine = Timed(coarse).at(exact.cycle), Timed(fine).at(exact.cycle + 1)

    @always(clk.posedge)
    def shift():
        shifted.next = exact.value >> concat(late_coarse, "000")
        aligned.next = shifted >> late_fine

    @always_comb
    def output():
        product.next = aligned[31:]
