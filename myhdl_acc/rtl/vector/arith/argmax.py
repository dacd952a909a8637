"""The index of the largest value of a sequence."""

from myhdl import always

from myhdl_acc.hdl.convert.entity import entity

LEAST = -(1 << 31)
#: The index of an empty sequence: any value beats it.
NO_INDEX = (1 << 32) - 1

#: Cycles from a value to the best including it.
LATENCY = 1


@entity(outputs=("best", "best_index"))
def argmax(clk, rst, clear, valid, value, index, best, best_index):
    """``best`` and ``best_index``: the largest ``value`` so far and its ``index``, the lowest index among equals.

    ``value``: signed 32, ``index``: unsigned 32 below 2^32 − 1. A value is taken with every ``valid``; ``clear`` begins
    anew, with the value of that very cycle if it is ``valid``. Before any value ``best`` is −2^31 and ``best_index``
    2^32 − 1, which any value beats. A value every cycle in any order of indices, latency 1. No back-pressure.
    """
    least, no_index = LEAST, NO_INDEX

    @always(clk.posedge)
    def compare():
        if rst:
            best.next = least
            best_index.next = no_index
        elif valid and (clear or value > best or (value == best and index < best_index)):
            best.next = value
            best_index.next = index
        elif clear:
            best.next = least
            best_index.next = no_index
