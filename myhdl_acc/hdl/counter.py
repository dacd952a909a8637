"""Counters."""

from myhdl import always_seq, block


@block
def up_down(clk, rst, up, down, count):
    """``count`` grows by one with ``up`` and shrinks with ``down``; both in one cycle leave it as it is. 0 after
    reset."""

    @always_seq(clk.posedge, reset=rst)
    def step():
        if up and not down:
            count.next = count + 1
        elif down and not up:
            count.next = count - 1
