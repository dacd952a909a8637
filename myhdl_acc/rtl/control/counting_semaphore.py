"""Lets a unit wait for another."""

from myhdl import Signal, always_comb, always_seq, intbv

from myhdl_acc.hdl.convert.entity import entity

MOST = 15  #: tokens that may lie in a semaphore


@entity(outputs=("available",))
def counting_semaphore(clk, rst, post, take, available):
    """A counting semaphore, empty after reset: ``available`` is high while it holds a token.

    ``post`` adds a token, ``take`` removes one; both in one cycle leave the number as it is. A token is available one
    cycle after ``post``. ``take`` is allowed only while ``available`` is high; at most MOST tokens may lie here.
    """
    count = Signal(intbv(0, min=0, max=MOST + 1))

    @always_comb
    def show():
        available.next = count != 0

    @always_seq(clk.posedge, reset=rst)
    def keep():
        if post and not take:
            count.next = count + 1
        elif take and not post:
            count.next = count - 1
