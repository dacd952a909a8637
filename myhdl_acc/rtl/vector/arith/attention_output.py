"""Sums of weight times value without the values' zero points."""

from myhdl import always

from myhdl_acc.hdl.convert.entity import entity

#: Cycles from a sum to the corrected one.
LATENCY = 1


@entity(outputs=("accumulator",), latency=LATENCY)
def attention_output(clk, total, correction, accumulator):
    """``accumulator`` (signed 47) = 16 · ``total`` − ``correction``, exact (golden without_zeros).

    ``total``: signed, ``acc_bits`` + 5 ≤ 42 wide: the lanes' sums added up; ``correction``: signed 32. A result every
    cycle, latency 1. No back-pressure, no reset: validity travels beside.
    """

    @always(clk.posedge)
    def subtract():
        accumulator.next = (total << 4) - correction
