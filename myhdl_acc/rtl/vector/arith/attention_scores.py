"""Sums of query times key without the key's zero point."""

from myhdl import Signal, always

from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.delay import delay
from myhdl_acc.hdl.record import signed
from myhdl_acc.hdl.wiring import type_of
from myhdl_acc.rtl.vector.arith import multiply as multiplier
from myhdl_acc.rtl.vector.arith.multiply import multiply

#: Cycles from a dot product to the sum.
LATENCY = multiplier.LATENCY + 1


@entity(outputs=("accumulator",))
def attention_scores(clk, dot, zero, query_sum, accumulator):
    """``accumulator`` (signed 47) = 16 · ``dot`` − ``zero`` · ``query_sum``, exact (golden without_zero).

    ``dot``: signed, ``acc_bits`` ≤ 42 wide; ``zero``: signed 8; ``query_sum``: signed 17. A result every cycle, latency
    4; one DSP48E2. No back-pressure, no reset: validity travels beside.
    """
    correction = Signal(signed(25))
    late_dot = Signal(type_of(dot))
    multiply(a=zero, b=query_sum, product=correction)
    delay(d=dot, q=late_dot, stages=multiplier.LATENCY)

    @always(clk.posedge)
    def subtract():
        accumulator.next = (late_dot << 4) - correction
