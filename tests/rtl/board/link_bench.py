"""The link with a serial line to bytes at both ends, a small memory and a few registers."""

from myhdl import Signal, always, always_comb, block, intbv

from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.stream import Stream
from myhdl_acc.hdl.wiring import constant, unused
from myhdl_acc.rtl.board.link import link
from myhdl_acc.rtl.board.protocol import IDENTITY
from myhdl_acc.rtl.board.records import byte_stream, host_port, identity
from myhdl_acc.rtl.board.uart import STEP_BITS, uart_receiver, uart_transmitter
from myhdl_acc.rtl.control import records
from myhdl_acc.simulate import Design, clock, reset

ADDRESS_BITS = 6
STEP = 1 << 14  # four cycles a bit
TOLD = (0x11223344, 0x55667788, 50_000_000, 1 << 25)


@entity
def link_bench(clk, rst, sink, source):
    """``sink``: bytes to the link; ``source``: its bytes, which cannot wait."""
    to_link, to_host = Signal(bool(1)), Signal(bool(1))
    step = Signal(intbv(0)[STEP_BITS:])
    constant(q=step, number=STEP)
    told = identity()
    for name, number in zip(IDENTITY, TOLD, strict=True):
        constant(q=getattr(told, name), number=number)
    bus, memory, received = records.axi_lite(), host_port(ADDRESS_BITS), byte_stream()
    uart_transmitter(sink=sink, step=step, line=to_link)
    link(
        receive=to_link,
        transmit=to_host,
        bus=bus.flipped(),
        memory=memory,
        identity=told,
        first_step=step,
    )
    uart_receiver(line=to_host, step=step, source=received)
    received.fifo(32) >> source
    registers(bus=bus)
    words(port=memory)


@block
def registers(clk, rst, bus):
    """Sixteen registers, as slow as those of the accelerator."""
    held = [Signal(intbv(0)[32:]) for _ in range(16)]
    have, answered, reading = Signal(bool(0)), Signal(bool(0)), Signal(intbv(0)[3:])
    place, read_place = Signal(intbv(0)[4:]), Signal(intbv(0)[4:])
    unused(bus.sink_w.strobe, bus.sink_aw.address, bus.sink_ar.address)

    @always_comb
    def ports():
        bus.sink_aw.ready.next = not have
        bus.sink_w.ready.next = have and not answered
        bus.source_b.valid.next = answered
        bus.source_b.resp.next = 0
        bus.sink_ar.ready.next = reading == 0
        bus.source_r.valid.next = reading == 4
        bus.source_r.resp.next = 0

    @always(clk.posedge)
    def work():
        if rst:
            have.next = False
            answered.next = False
            reading.next = 0
        else:
            if bus.sink_aw.valid and not have:
                have.next = True
                place.next = bus.sink_aw.address[6:2]
            if bus.sink_w.valid and have and not answered:
                held[place].next = bus.sink_w.data
                answered.next = True
            if answered and bus.source_b.ready:
                answered.next = False
                have.next = False
            if reading == 0:
                if bus.sink_ar.valid:
                    reading.next = 1
                    read_place.next = bus.sink_ar.address[6:2]
            elif reading != 4:
                reading.next = reading + 1
            elif bus.source_r.ready:
                reading.next = 0
        bus.source_r.data.next = held[read_place]


@block
def words(clk, rst, port):
    """A memory that takes a write's word two cycles after its command."""
    held = [Signal(intbv(0)[16:]) for _ in range(1 << ADDRESS_BITS)]
    wait, wait_read = Signal(intbv(0)[2:]), Signal(intbv(0)[2:])
    place = Signal(intbv(0)[ADDRESS_BITS:])
    unused(port.source_word.valid, port.sink_word.ready)

    @always_comb
    def ports():
        port.source_command.ready.next = wait == 0 and wait_read == 0
        port.source_word.ready.next = wait == 2
        port.sink_word.valid.next = wait_read == 3

    @always(clk.posedge)
    def work():
        if rst:
            wait.next = 0
            wait_read.next = 0
        elif wait == 0 and wait_read == 0:
            if port.source_command.valid:
                place.next = port.source_command.address
                if port.source_command.write:
                    wait.next = 1
                else:
                    wait_read.next = 1
        elif wait != 0:
            if wait == 2:
                held[place].next = port.source_word.data
                wait.next = 0
            else:
                wait.next = wait + 1
        elif wait_read == 3:
            wait_read.next = 0
        else:
            wait_read.next = wait_read + 1
        port.sink_word.data.next = held[place]


def link_design():
    return Design(link_bench, clk=clock(), rst=reset(), sink=Stream(data=8), source=Stream(data=8))
