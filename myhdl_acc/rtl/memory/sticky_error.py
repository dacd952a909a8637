"""Keeps the first error response."""

from myhdl import Signal, always, always_comb, block

from myhdl_acc.rtl.memory.channels import SLVERR


@block
def sticky_error(clk, rst, valid, ready, resp, error):
    """``error`` takes the first response code of a transfer that is an error (SLVERR, DECERR) and keeps it."""
    seen = Signal(bool(0))

    @always_comb
    def detect():
        seen.next = valid and ready and resp >= SLVERR

    @always(clk.posedge)
    def keep():
        if rst:
            error.next = 0
        elif seen and error == 0:
            error.next = resp
