"""Rotation of a pair of elements by an angle."""

from myhdl import Signal, always

from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.record import signed
from myhdl_acc.rtl.vector.arith.multiply import multiply
from myhdl_acc.rtl.vector.arith.round_constant import round_constant, roundable

#: Cycles from a pair to the rotated one.
LATENCY = multiply.latency + 1 + round_constant.latency


@entity(outputs=("rotated_even", "rotated_odd"), latency=LATENCY)
def rope(clk, even, odd, cosine, sine, rotated_even, rotated_odd):
    """even·cos − odd·sin and even·sin + odd·cos, added exactly, rounded half up once, saturated (golden rope).

    ``even``, ``odd`` and the results: signed 32; ``cosine``, ``sine``: signed 18, 16 fraction bits. A pair every cycle,
    latency 6; eight DSP48E2. No back-pressure, no reset: validity travels beside.
    """
    products = [Signal(signed(50)) for _ in range(4)]
    factors = [(even, cosine), (odd, sine), (even, sine), (odd, cosine)]
    for i, (a, b) in enumerate(factors):
        multiply(a=a, b=b, product=products[i])
    # Two products of at most 2^48, and a bit for the rounding.
    difference, total = Signal(roundable(51, 16)), Signal(roundable(51, 16))
    even_cosine, odd_sine, even_sine, odd_cosine = products

    @always(clk.posedge)
    def add():
        difference.next = even_cosine - odd_sine
        total.next = even_sine + odd_cosine

    round_constant(value=difference, result=rotated_even, places=16)
    round_constant(value=total, result=rotated_odd, places=16)
