"""Memories."""

from myhdl import Signal, always, block

from myhdl_acc.hdl.wiring import type_of


@block
def ram(clk, write, write_address, data, read, read_address, word, depth):
    """``depth`` words of the type of ``data``; a word in and one, a cycle later, out (block RAM or UltraRAM).

    ``word`` stays until the next ``read``. A read of the word that is being written yields the one before.
    """
    empty = type_of(data)
    words = [Signal(empty) for _ in range(depth)]

    @always(clk.posedge)
    def access():
        if write:
            words[write_address].next = data
        if read:
            word.next = words[read_address]
