"""The line's rate in every cycle, for what it sees in every cycle."""

from myhdl import Signal, always_comb, intbv

from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.stream import Stream
from myhdl_acc.hdl.wiring import constant, unused
from myhdl_acc.rtl.board.line_rate import line_rate
from myhdl_acc.rtl.board.uart import STEP_BITS
from myhdl_acc.simulate import Design, clock, reset

FIRST = 777


@entity
def rate_bench(clk, rst, sink, source):
    """A word of ``sink`` and one of ``source`` in every cycle."""
    step, first_step = (Signal(intbv(0)[STEP_BITS:]) for _ in range(2))
    constant(q=first_step, number=FIRST)
    unused(source.ready)
    line_rate(
        request=sink.only("operation", "value"),
        answered=sink.answered,
        idle=sink.idle,
        first_step=first_step,
        step=step,
    )

    @always_comb
    def show():
        sink.ready.next = not rst
        source.valid.next = sink.valid and not rst
        source.step.next = step


def rate_design():
    return Design(
        rate_bench,
        clk=clock(),
        rst=reset(),
        sink=Stream(operation=8, value=32, answered=1, idle=1),
        source=Stream(step=STEP_BITS),
    )
