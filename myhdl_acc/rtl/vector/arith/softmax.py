"""Softmax numerators."""

from myhdl import Signal, always, always_comb, intbv

from golden.numerics import numerator_table
from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.record import signed
from myhdl_acc.hdl.timed import Timed
from myhdl_acc.rtl.vector.arith.interpolate import interpolate

#: Cycles from a score to its numerator.
LATENCY = 1 + interpolate.latency + 1


@entity(outputs=("p",), latency=LATENCY)
def softmax(clk, reference, score, p):
    """``p`` (unsigned 16) = 15/16 · 2^(``score`` − ``reference``) with 16 fraction bits (golden numerator).

    ``reference`` (s33), ``score`` (s32): in units of log2 with 16 fraction bits; ``p`` of a score above ``reference``
    has no meaning. A result every cycle, latency 6; one DSP48E2. No back-pressure, no reset: validity travels beside.
    """
    difference, below = Signal(signed(34)), Signal(intbv(0)[33:])
    position, power, whole = (Signal(intbv(0)[bits:]) for bits in (16, 16, 5))

    @always(clk.posedge)
    def subtract():
        difference.next = reference - score

    @always_comb
    def as_bits():
        below.next = difference[33:]

    @always_comb
    def split():
        position.next = below[16:]
        if below[33:16] > 31:
            whole.next = 31
        else:
            whole.next = below[21:16]

    interpolate(position=position, value=power, table=numerator_table(), fraction_bits=10)
    late_whole = Timed(whole).at(interpolate.latency)

    @always(clk.posedge)
    def shift():
        p.next = power >> late_whole
