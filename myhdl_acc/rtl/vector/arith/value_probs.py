"""Softmax numerators become the weights of the values they meet."""

from myhdl import Signal, always, always_comb, concat, intbv

from golden.units.value_probs import LARGEST_DROP, LEAST_DROP
from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.timed import Timed, apply
from myhdl_acc.rtl.vector.arith.multiply import multiply

#: Cycles from a numerator to its weight.
LATENCY = multiply.latency + 2
#: ``places`` of nothing: the largest.
MOST_PLACES = LARGEST_DROP - LEAST_DROP


@entity(outputs=("weight",), latency=LATENCY)
def value_probs(clk, p, mantissa, places, weight):
    """``weight`` (unsigned 7) = ``p`` · ``mantissa`` · 2^-(LEAST_DROP + ``places``), rounded half up (golden
    value_weight).

    ``p``, ``mantissa``: unsigned 16; ``places``: unsigned 5, at most MOST_PLACES. A weight of more than 7 bits has no
    meaning. A result every cycle, latency 5; one DSP48E2. No back-pressure, no reset: validity travels beside.
    """
    upper, coarsely, finely = (Signal(intbv(0)[24:]) for _ in range(3))
    coarse, fine = Signal(intbv(0)[2:]), Signal(intbv(0)[3:])
    rounded, least = Signal(intbv(0)[9:]), LEAST_DROP - 1

    @always_comb
    def split():
        coarse.next = places[5:3]
        fine.next = places[3:]

    exact = apply(multiply, a=Timed(p), b=Timed(mantissa), product=Signal(intbv(0)[32:]))
    product = exact.value
    late_coarse, late_fine = Timed(coarse).at(exact.cycle), Timed(fine).at(exact.cycle + 1)

    @always_comb
    def drop():
        upper.next = product[32:least]

    @always(clk.posedge)
    def shift():
        coarsely.next = upper >> concat(late_coarse, "000")

    @always_comb
    def shift_finely():
        finely.next = coarsely >> late_fine

    @always_comb
    def half_up():
        rounded.next = finely[8:] + 1

    @always(clk.posedge)
    def keep():
        weight.next = rounded[8:1]
