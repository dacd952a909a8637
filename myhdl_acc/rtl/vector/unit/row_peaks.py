"""The largest of the rows' peaks."""

from myhdl import Signal, always_comb, block, intbv

from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.delay import delay
from myhdl_acc.hdl.wiring import wire

#: Cycles from the peaks to the largest.
LATENCY = 2


@entity(outputs=("largest",))
def row_peaks(clk, peaks, largest):
    """``largest`` (32) of ``peaks``, an Array of the rows' (32 each, at most 16), LATENCY cycles later. One per cycle;
    no back-pressure, no reset.
    """
    left = list(peaks)
    together = 2 if len(left) <= 2**LATENCY else 4  # in a cycle
    for _ in range(LATENCY):
        found = [largest_of(left[first : first + together]) for first in range(0, len(left), together)]
        left = [Signal(intbv(0)[32:]) for _ in found]
        for now, late in zip(found, left, strict=True):
            delay(d=now, q=late, stages=1)
    wire(left[0], largest)


def largest_of(values):
    if len(values) == 1:
        return values[0]
    half, larger = len(values) // 2, Signal(intbv(0)[32:])
    larger_one(a=largest_of(values[:half]), b=largest_of(values[half:]), larger=larger)
    return larger


@block
def larger_one(a, b, larger):
    @always_comb
    def choose():
        if a > b:
            larger.next = a
        else:
            larger.next = b
