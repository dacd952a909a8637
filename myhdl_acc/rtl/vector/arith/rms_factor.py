"""What a norm lacks that was made of a vector as it was, relative to a power of two."""

from myhdl import Signal, always, always_comb

from golden.units.rms_drop import SQUARED_BITS
from golden.units.rms_unit import UNIT_BITS
from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.record import signed

#: Cycles from rms_scale's results to the factor.
LATENCY = 1


@entity(outputs=("factor",), latency=LATENCY)
def rms_factor(clk, inverse, places, drop, lift, factor):
    """``factor`` (scale) of rms_scale's ``inverse`` (unsigned 17) and ``places`` (signed 7), the vector's ``drop``
    (4) and ``lift`` (5): golden rms_factor. One per cycle, latency 1. No back-pressure, no reset: validity travels
    beside.
    """
    less, double = UNIT_BITS - SQUARED_BITS, UNIT_BITS - SQUARED_BITS - 1
    moved, exponent = Signal(signed(7)), Signal(signed(len(factor.exponent)))

    @always_comb
    def move():
        moved.next = lift - drop

    @always_comb
    def add():
        exponent.next = places + moved

    @always(clk.posedge)
    def take():
        if inverse[16]:
            factor.mantissa.next = inverse[17:1]
            factor.exponent.next = exponent + double
        else:
            factor.mantissa.next = inverse[16:]
            factor.exponent.next = exponent + less
