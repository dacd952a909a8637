"""How far a vector is shifted right before it is squared."""

from myhdl import always

from myhdl_acc.hdl.convert.entity import entity

#: Cycles from a peak to its drop.
LATENCY = 1


@entity(outputs=("drop",), latency=LATENCY)
def rms_drop(clk, peak, drop):
    """``drop`` (unsigned 4) = max(bit length of ``peak`` − 17, 0) of the largest magnitude, ``peak`` (unsigned 32).

    A result every cycle, latency 1: a leading-one detector. No back-pressure, no reset: validity travels beside.
    """

    @always(clk.posedge)
    def detect():
        drop.next = 0
        for place in range(15):
            if peak[17 + place]:
                drop.next = place + 1
