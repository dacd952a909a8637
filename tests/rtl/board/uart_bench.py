"""A serial line whose level a test says in every cycle, before the receiver."""

from myhdl import Signal, always_comb, intbv

from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.stream import Stream
from myhdl_acc.hdl.wiring import constant
from myhdl_acc.rtl.board.uart import STEP_BITS, uart_receiver, uart_transmitter
from myhdl_acc.simulate import Design, clock, reset


@entity
def receiver_bench(clk, rst, sink, source, step):
    """``sink``: the line's level, a cycle each; it is high when there is none. ``source``: bytes, a cycle late."""
    line, rate, received = Signal(bool(1)), Signal(intbv(0)[STEP_BITS:]), source.like()
    constant(q=rate, number=step)
    uart_receiver(line=line, step=rate, source=received)
    received.fifo(32) >> source

    @always_comb
    def drive():
        sink.ready.next = True
        line.next = sink.level or not sink.valid


def receiver_design(step):
    return Design(
        receiver_bench, clk=clock(), rst=reset(), sink=Stream(level=1), source=Stream(data=8), step=step
    )  # fmt: skip


def transmitter_design():
    return Design(
        uart_transmitter,
        clk=clock(),
        rst=reset(),
        sink=Stream(data=8),
        step=Signal(intbv(0)[STEP_BITS:]),
        line=Signal(bool(1)),
    )
