"""The accelerator with the host's link: all of a board's design but its clock, its memory's controller and its pads."""

from myhdl import Signal, always_comb, intbv

from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.record import Record
from myhdl_acc.hdl.wiring import constant, unused
from myhdl_acc.rtl.accelerator import accelerator, accelerator_ports
from myhdl_acc.rtl.board import records
from myhdl_acc.rtl.board.link import link
from myhdl_acc.rtl.board.protocol import MAGIC, RATE, fingerprint
from myhdl_acc.rtl.board.uart import STEP_BITS, step_of
from myhdl_acc.rtl.control.records import axi_lite

#: Of the accelerator's ports those of memory.
_LANES = ("source_ar", "sink_r", "source_aw", "source_w", "sink_b")


@entity(outputs=("transmit", "running"))
def board(clk, rst, receive, transmit, running, memory, lanes, hz, memory_bytes, config):
    """``receive``, ``transmit``: the serial line at RATE; ``memory``: records.host_port; ``lanes``: a Record of Arrays
    of AXI4 channels, a port for each lane, as accelerator() has them. All of them see one memory of ``memory_bytes``.
    ``hz``: of the clock. ``running``: a program runs.
    """
    told = dict(magic=MAGIC, fingerprint=fingerprint(config), hz=hz, memory=memory_bytes)
    identity = records.identity()
    for name, number in told.items():
        constant(q=getattr(identity, name), number=number)
    first_step = Signal(intbv(0)[STEP_BITS:])
    constant(q=first_step, number=step_of(RATE, hz))
    registers = axi_lite()
    link(
        receive=receive,
        transmit=transmit,
        bus=registers.flipped(),
        memory=memory,
        identity=identity,
        first_step=first_step,
    )
    inner = accelerator_ports(config)
    interrupt, shown = inner["interrupt_request"], inner["shown"]
    unused(interrupt, shown.vector_op, *shown.state)
    accelerator(control=registers, **lanes.members(), interrupt_request=interrupt, shown=shown, config=config)

    @always_comb
    def show():
        running.next = shown.running


def board_ports(config, hz, memory_bytes):
    """Arguments for board() by name, except clock and reset."""
    ports = accelerator_ports(config)
    return {
        "receive": Signal(bool(1)),
        "transmit": Signal(bool(1)),
        "running": Signal(bool(0)),
        "memory": records.host_port((memory_bytes // 2 - 1).bit_length()),
        "lanes": Record(**{name: ports[name] for name in _LANES}),
        "hz": hz,
        "memory_bytes": memory_bytes,
        "config": config,
    }
