"""All of a board's design with the host's end of its serial line; the lanes have no memory."""

from myhdl import Signal, intbv

from myhdl_acc.hdl.convert.entity import entity, is_output, leaf_ports
from myhdl_acc.hdl.stream import Stream
from myhdl_acc.hdl.wiring import constant, unused
from myhdl_acc.rtl.board.board import board, board_ports
from myhdl_acc.rtl.board.protocol import RATE
from myhdl_acc.rtl.board.records import host_port
from myhdl_acc.rtl.board.uart import STEP_BITS, step_of, uart_receiver, uart_transmitter
from myhdl_acc.simulate import Design, clock, reset

HZ = 4 * RATE  # as short a bit as there can be
ADDRESS_BITS = 10


@entity(outputs=("running",))
def board_bench(clk, rst, sink, source, running, memory, config):
    """``sink``: bytes to the board; ``source``: its bytes; ``running`` and ``memory`` are the board's."""
    ports = board_ports(config, HZ, 2 << ADDRESS_BITS) | {"running": running, "memory": memory}
    step, received = Signal(intbv(0)[STEP_BITS:]), source.like()
    constant(q=step, number=step_of(RATE, HZ))
    uart_transmitter(sink=sink, step=step, line=ports["receive"])
    board(**ports)
    uart_receiver(line=ports["transmit"], step=step, source=received)
    received.fifo(32) >> source
    for name, signal in leaf_ports("lanes", ports["lanes"]):
        if is_output(name, ()):
            unused(signal)
        else:
            constant(q=signal, number=0)


def board_design(config):
    return Design(
        board_bench,
        clk=clock(),
        rst=reset(),
        sink=Stream(data=8),
        source=Stream(data=8),
        running=Signal(bool(0)),
        memory=host_port(ADDRESS_BITS),
        config=config,
    )
