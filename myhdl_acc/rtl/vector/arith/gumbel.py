"""Gumbel noise of random bits."""

from myhdl import Signal, always, always_comb, concat, intbv

from golden.units.gumbel import FRACTION_BITS, OCTAVE_BITS, PLACE_BITS, gumbel_table
from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.rtl.vector.arith.interpolate import interpolate

#: Cycles from random bits to their noise.
LATENCY = 1 + interpolate.latency


@entity(outputs=("noise",), latency=LATENCY)
def gumbel(clk, random, noise):
    """``noise`` (unsigned 21, 16 fraction bits) of ``random`` (32), as golden gumbel().

    Which bits are the octave and which the place in it is fixed, so nothing is shifted. A result every cycle, latency
    5; one DSP48E2. No back-pressure, no reset: validity travels beside.
    """
    octave = Signal(intbv(0)[5:])
    outward, inward = (Signal(intbv(0)[5 + PLACE_BITS :]) for _ in range(2))
    position = Signal(intbv(0)[6 + PLACE_BITS :])
    first, count, upper = PLACE_BITS, OCTAVE_BITS, PLACE_BITS + OCTAVE_BITS

    @always_comb
    def leading_zeros():
        octave.next = count
        for i in range(count):
            if random[first + i]:
                octave.next = count - 1 - i

    @always_comb
    def away_from_the_middle():
        outward.next = concat(octave, random[first:])

    @always_comb
    def towards_the_middle():
        inward.next = ~outward

    @always(clk.posedge)
    def place():
        if random[upper]:
            position.next = concat(True, outward)
        else:
            position.next = concat(False, inward)

    interpolate(position=position, value=noise, table=gumbel_table(), fraction_bits=FRACTION_BITS)
