"""The accelerator with the host's link: all of a board's design but its clock, its memory's controller and its pads."""

from myhdl import Signal, always_comb, intbv

from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.record import Record
from myhdl_acc.hdl.wiring import constant, unused
from myhdl_acc.rtl.accelerator import accelerator, accelerator_ports
from myhdl_acc.rtl.board.link import host_port, link
from myhdl_acc.rtl.board.protocol import IDENTITY, MAGIC, RATE, fingerprint
from myhdl_acc.rtl.board.uart import STEP_BITS, step_of
from myhdl_acc.rtl.control import records


@entity(outputs=("transmit", "running"))
def board(
    clk,
    rst,
    receive,
    transmit,
    running,
    memory,
    source_ar,
    sink_r,
    source_aw,
    source_w,
    sink_b,
    hz,
    memory_bytes,
    config,
):
    """``receive``, ``transmit``: the serial line at RATE; ``memory``: link.host_port; ``source_ar`` … ``sink_b``:
    Arrays of AXI4 channels, a port for each lane. All of them see one memory of ``memory_bytes``. ``hz``: of the clock.
    ``running``: a program runs.
    """
    told = dict(magic=MAGIC, fingerprint=fingerprint(config), hz=hz, memory=memory_bytes)
    identity = Record(**dict.fromkeys(IDENTITY, 32))
    for name, number in told.items():
        constant(q=getattr(identity, name), number=number)
    first_step = Signal(intbv(0)[STEP_BITS:])
    constant(q=first_step, number=step_of(RATE, hz))
    registers = records.axi_lite()
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
    accelerator(
        control=registers,
        source_ar=source_ar,
        sink_r=sink_r,
        source_aw=source_aw,
        source_w=source_w,
        sink_b=sink_b,
        interrupt_request=interrupt,
        shown=shown,
        config=config,
    )

    @always_comb
    def show():
        running.next = shown.running


def board_ports(config, hz, memory_bytes):
    """Arguments for board() by name, except clock and reset."""
    ports = accelerator_ports(config)
    names = ("source_ar", "sink_r", "source_aw", "source_w", "sink_b")
    return {
        "receive": Signal(bool(1)),
        "transmit": Signal(bool(1)),
        "running": Signal(bool(0)),
        "memory": host_port((memory_bytes // 2 - 1).bit_length()),
        **{name: ports[name] for name in names},
        "hz": hz,
        "memory_bytes": memory_bytes,
        "config": config,
    }
