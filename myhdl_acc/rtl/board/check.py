"""CRC-16 of a byte more."""

from myhdl import Signal, always_comb, block, concat, intbv


@block
def next_check(check, byte, after):
    """``after`` is ``check`` (16 bits, polynomial 0x1021) with ``byte`` (8) behind it."""
    x, y = Signal(intbv(0)[8:]), Signal(intbv(0)[8:])

    @always_comb
    def mix():
        x.next = check[16:8] ^ byte

    @always_comb
    def fold():
        y.next = x ^ x[8:4]

    @always_comb
    def join():
        after.next = concat(check[8:], intbv(0)[8:]) ^ concat(y[4:], intbv(0)[12:]) ^ (y << 5) ^ y
