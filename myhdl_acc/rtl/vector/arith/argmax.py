"""The index of the largest value of a sequence."""

from myhdl import Signal, always, always_comb, block, concat, intbv

from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.record import Record, bits, signed

LEAST = -(1 << 31)
#: The index of an empty sequence: any value beats it.
NO_INDEX = (1 << 32) - 1

#: Cycles from a value to the best including it.
LATENCY = 1


def candidate():
    """A ``value`` (signed 32) and its ``index`` (unsigned 32 below 2^32 − 1)."""
    return Record(value=signed(32), index=32)


@entity(outputs=("best",), latency=LATENCY)
def argmax(clk, rst, clear, valid, candidate, best):
    """``best``: of the candidates so far that with the largest value, the lowest index among equals.

    A candidate is taken with every ``valid``; ``clear`` begins anew, with the candidate of that very cycle if it is
    ``valid``. Before any the value of ``best`` is −2^31 and its index 2^32 − 1, which any value beats. A candidate
    every cycle in any order of indices, latency 1. No back-pressure.
    """
    least, no_index = LEAST, NO_INDEX

    mine, kept = rank(candidate), rank(best)
    better = Signal(bool(0))

    @always_comb
    def judge():
        better.next = mine > kept

    @always(clk.posedge)
    def compare():
        if rst:
            best.value.next = least
            best.index.next = no_index
        elif valid and (clear or better):
            best.value.next = candidate.value
            best.index.next = candidate.index
        elif clear:
            best.value.next = least
            best.index.next = no_index


def rank(candidate):
    """A number (64 bits) that is the larger the better a candidate is: one comparison says which one is."""
    number = Signal(intbv(0)[64:])
    ranked(sign=bits(candidate.value, 31, 1), rest=bits(candidate.value, 0, 31), index=candidate.index, number=number)
    return number


@block
def ranked(sign, rest, index, number):
    above, before = Signal(bool(0)), Signal(intbv(0)[32:])

    @always_comb
    def invert():
        above.next = not sign
        before.next = ~index

    @always_comb
    def join():
        number.next = concat(above, rest, before)
