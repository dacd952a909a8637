"""How far RMSNorm's gain lifts a vector of small numbers."""

from myhdl import always

from golden.units.rms_drop import SQUARED_BITS
from myhdl_acc.hdl.convert.entity import entity

#: Cycles from a peak to its lift.
LATENCY = 1


@entity(outputs=("lift",), latency=LATENCY)
def rms_lift(clk, peak, lift):
    """``lift`` (unsigned 5) = max(17 − bit length of ``peak``, 0) of the largest magnitude, ``peak`` (unsigned 32).

    A result every cycle, latency 1: a leading-one detector. No back-pressure, no reset: validity travels beside.
    """

    @always(clk.posedge)
    def detect():
        lift.next = SQUARED_BITS
        for place in range(SQUARED_BITS):
            if peak[place]:
                lift.next = SQUARED_BITS - 1 - place
        if peak[32:SQUARED_BITS] != 0:
            lift.next = 0
