"""The squares that RMSNorm adds up."""

from myhdl import Signal, always, always_comb

from golden.units.rms_drop import SQUARED_BITS
from golden.units.rms_unit import UNIT_BITS
from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.delay import delay
from myhdl_acc.hdl.record import signed
from myhdl_acc.rtl.vector.arith import rms_gain

#: Cycles from an element to its square: as many as to what the gain makes of it.
LATENCY = rms_gain.LATENCY


@entity(outputs=("square",), latency=LATENCY)
def rms_square(clk, unit, square):
    """``square`` (unsigned 34) of the upper 18 bits of ``unit`` (signed 26), rounded half up and limited to
    ±(2^17 − 1) (golden rms_square).

    A square every cycle, latency 6; one DSP48E2. No back-pressure, no reset: validity travels beside.
    """
    shift, largest = UNIT_BITS - SQUARED_BITS, (1 << SQUARED_BITS) - 1
    doubled, rounded = Signal(signed(27 - shift)), Signal(signed(28 - shift))
    limited, held = Signal(signed(18)), Signal(signed(18))
    product, early = Signal(square.val), Signal(square.val)
    delay(d=early, q=square, stages=LATENCY - 5)

    @always_comb
    def halves():
        # One place is left, so that the lowest bit says whether to round up.
        doubled.next = unit >> shift - 1

    @always(clk.posedge)
    def round_half_up():
        rounded.next = (doubled + 1) >> 1

    @always(clk.posedge)
    def limit():
        if rounded > largest:
            limited.next = largest
        elif rounded < -largest:
            limited.next = -largest
        else:
            limited.next = rounded

    @always(clk.posedge)
    def multiply():
        held.next = limited
        product.next = held * held
        early.next = product
