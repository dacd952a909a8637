"""Sums of query times key without the key's zero point."""

from myhdl import Signal, always

from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.record import signed
from myhdl_acc.hdl.timed import Timed, apply
from myhdl_acc.rtl.vector.arith.multiply import multiply

#: Cycles from a dot product to the sum.
LATENCY = multiply.latency + 1


@entity(outputs=("accumulator",), latency=LATENCY)
def attention_scores(clk, dot, zero, query_sum, accumulator):
    """``accumulator`` (signed 47) = 16 · ``dot`` − ``zero`` · ``query_sum``, exact (golden without_zero).

    ``dot``: signed, ``acc_bits`` ≤ 42 wide; ``zero``: signed 8; ``query_sum``: signed 17. A result every cycle, latency
    4; one DSP48E2. No back-pressure, no reset: validity travels beside.
    """
    correction = apply(multiply, a=Timed(zero), b=Timed(query_sum), product=Signal(signed(25)))
    late_dot = Timed(dot).at(correction.cycle)

    @always(clk.posedge)
    def subtract():
        accumulator.next = (late_dot << 4) - correction.value
