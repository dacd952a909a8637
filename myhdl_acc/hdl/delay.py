"""Shift registers that keep side information in step with a pipeline."""

from myhdl import Signal, always, block

from myhdl_acc.hdl.wiring import type_of, wire


@block
def delay(clk, d, q, stages):
    """``q`` is ``d`` of ``stages`` ≥ 0 cycles ago; no reset, so it maps to shift-register LUTs."""
    if stages == 0:
        return wire(d, q)
    taps = [Signal(type_of(d)) for _ in range(stages)]

    @always(clk.posedge)
    def shift():
        taps[0].next = d
        for i in range(1, stages):
            taps[i].next = taps[i - 1]

    output = wire(taps[stages - 1], q)
    return shift, output


@block
def delay_reset(clk, rst, d, q, stages):
    """Like delay(), but cleared by ``rst``: for words that carry a valid bit."""
    taps = [Signal(type_of(d)) for _ in range(stages)]

    @always(clk.posedge)
    def shift():
        if rst:
            for i in range(stages):
                taps[i].next = 0
        else:
            taps[0].next = d
            for i in range(1, stages):
                taps[i].next = taps[i - 1]

    wire(taps[stages - 1], q)
