"""A column's memories."""

from myhdl import Signal, always, block, intbv


@block
def column_memory(clk, read, address, word, write, destination, data, depth):
    """``depth`` words; ``word`` is the one at ``address`` a cycle after ``read`` and stays; one write per cycle beside.

    A read of the word that is being written in the same cycle gives the old one. Maps to block RAM or UltraRAM.
    """
    memory = [Signal(intbv(0)[len(word) :]) for _ in range(depth)]

    @always(clk.posedge)
    def access():
        if read:
            word.next = memory[address]
        if write:
            memory[destination].next = data
