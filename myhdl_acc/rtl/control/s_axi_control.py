"""The kernel's registers behind AXI4-Lite."""

from myhdl import Signal, always_comb, always_seq, block, concat, intbv

from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.record import Record
from myhdl_acc.hdl.wiring import unused, vector, wire
from myhdl_acc.rtl.control import counters as counters_unit
from myhdl_acc.rtl.control.register_map import ADDRESS_BITS, COUNTER_BASE, OFFSETS, pointer_offset, token_offset
from myhdl_acc.rtl.control.select import or_tree, word_if
from myhdl_acc.rtl.memory.channels import OKAY

#: Cycles from a read address to its data: the address register, then the counters.
READ_LATENCY = 1 + counters_unit.LATENCY + 1
WRITE_LATENCY = 1  #: cycles from a write's data to its response

#: Word addresses.
_CTRL, _GIER, _IER, _ISR, _RESET = (OFFSETS[name] // 4 for name in ("ctrl", "gier", "ip_ier", "ip_isr", "reset"))
_PART = 8  #: words of which one is selected in the first cycle
_COUNTER_BIT = (COUNTER_BASE // 4).bit_length() - 1  #: set in the word address of every counter


@entity(outputs=("requests", "arguments", "base", "counter_address"))
def s_axi_control(clk, rst, bus, requests, arguments, base, run, registers, token, counter_address):
    """The registers of register_map with Vitis' ap_ctrl_hs protocol; see docs/registers.md.

    ``bus``: records.axi_lite. ``requests.start`` is ap_start: it stays high until a pulse of ``run.done``, and beyond
    with auto_restart; ``requests.reset`` pulses when 1 is written to ``reset``, and ``run.resetting`` is high until
    that is done: ``done`` does not count meanwhile. ``base``: Array of 64-bit pointers, ``token``: Array of the rows'
    32-bit tokens; ``registers``: those of these names, and the ``counter`` at ``counter_address`` counters.LATENCY
    cycles before.

    One write and one read at a time: data are taken after their address and answered WRITE_LATENCY cycles later, a
    write every 3 cycles; reads are answered READ_LATENCY cycles after their address. The answer is always OKAY. ``rst``
    clears everything.
    """
    word_bits = ADDRESS_BITS - 2
    write = Record(valid=1, place=word_bits, data=32, strobe=4)
    read = Record(capture=1, place=word_bits)
    ctrl, selected = Signal(intbv(0)[32:]), Signal(intbv(0)[32:])
    write_channel(bus=bus, write=write)
    read_channel(bus=bus, read=read, ctrl=ctrl, counter=registers.counter, selected=selected)
    own = Record(gier=32, ier=32, isr=32, reset=32)
    ap_control(write=write, read=read, run=run, requests=requests, ctrl=ctrl, words=own)
    words = [(_GIER, own.gier), (_IER, own.ier), (_ISR, own.isr), (_RESET, own.reset)]
    words += [(OFFSETS[name] // 4, getattr(registers, name)) for name in ("status", "instruction", "cycles")]
    words += [(token_offset(row) // 4, word) for row, word in enumerate(token)]
    for name, value in arguments.members().items():
        held = held_word(OFFSETS[name] // 4, write)
        words.append((OFFSETS[name] // 4, held))
        wire(held, value)
    for lane, pointer in enumerate(base):
        places = [pointer_offset(lane) // 4 + half for half in range(2)]
        halves = [held_word(place, write) for place in places]
        words += zip(places, halves, strict=True)
        wire(vector(halves), pointer)
    select_word(place=read.place, words=words, selected=selected)

    @always_comb
    def locate():
        counter_address.next = read.place[_COUNTER_BIT:]


def held_word(place, write):
    """A register of 32 bits at word ``place``."""
    held = Signal(intbv(0)[32:])
    word_register(write=write, word_place=place, held=held)
    return held


@block
def write_channel(clk, rst, bus, write):
    """Address, data, response, one after the other; ``write.valid`` in the cycle of the data."""
    have_address, respond, writing = (Signal(bool(0)) for _ in range(3))
    unused(bus.sink_aw.address)

    @always_comb
    def handshake():
        bus.sink_aw.ready.next = not have_address
        bus.sink_w.ready.next = have_address and not respond
        writing.next = have_address and not respond and bus.sink_w.valid
        bus.source_b.valid.next = respond
        bus.source_b.resp.next = OKAY

    @always_seq(clk.posedge, reset=rst)
    def steps():
        if bus.sink_aw.valid and not have_address:
            have_address.next = True
            write.place.next = bus.sink_aw.address[:2]
        if writing:
            respond.next = True
        elif respond and bus.source_b.ready:
            respond.next = False
            have_address.next = False

    @always_comb
    def show():
        write.valid.next = writing
        write.data.next = bus.sink_w.data
        write.strobe.next = bus.sink_w.strobe


@block
def read_channel(clk, rst, bus, read, ctrl, counter, selected):
    """Takes an address and answers READ_LATENCY cycles later with ``ctrl``, the ``counter`` or the ``selected`` word of
    a cycle ago, which it takes when ``read.capture`` is high."""
    reading, answer, capture = (Signal(bool(0)) for _ in range(3))
    step = Signal(intbv(0, min=0, max=READ_LATENCY))
    late = Signal(intbv(0)[32:])
    unused(bus.sink_ar.address)

    @always_comb
    def handshake():
        bus.sink_ar.ready.next = not reading and not answer
        bus.source_r.valid.next = answer
        bus.source_r.resp.next = OKAY
        capture.next = reading and step == READ_LATENCY - 2

    @always_comb
    def show():
        read.capture.next = capture

    @always_seq(clk.posedge, reset=rst)
    def steps():
        late.next = selected
        if not reading and not answer:
            step.next = 0
            if bus.sink_ar.valid:
                reading.next = True
                read.place.next = bus.sink_ar.address[:2]
        elif reading:
            step.next = step + 1
            if capture:
                reading.next = False
                answer.next = True
                if read.place == _CTRL:
                    bus.source_r.data.next = ctrl
                elif read.place[_COUNTER_BIT]:
                    bus.source_r.data.next = counter
                else:
                    bus.source_r.data.next = late
        elif bus.source_r.ready:
            answer.next = False


@block
def ap_control(clk, rst, write, read, run, requests, ctrl, words):
    """ap_ctrl_hs: start, done, ready, restart, and the interrupt; ``ctrl`` and ``words`` are what the registers
    show."""
    start_bit, done_bit, ready_bit, restart_bit, enable = (Signal(bool(0)) for _ in range(5))
    interrupt_now, reset_now, clear_read, write_ctrl, write_isr, ended, idle = (Signal(bool(0)) for _ in range(7))
    resetting = Signal(bool(0))
    ier, isr, set_isr, toggle_isr = (Signal(intbv(0)[2:]) for _ in range(4))

    @always_comb
    def decode():
        write_ctrl.next = write.valid and write.place == _CTRL and write.strobe[0]
        write_isr.next = write.valid and write.place == _ISR and write.strobe[0]
        reset_now.next = write.valid and write.place == _RESET and write.strobe[0] and write.data[0]
        clear_read.next = read.capture and read.place == _CTRL
        ended.next = run.done and not run.resetting

    @always_seq(clk.posedge, reset=rst)
    def protocol():
        if reset_now:
            start_bit.next = False
            restart_bit.next = False
            done_bit.next = False
            ready_bit.next = False
        else:
            if write_ctrl:
                restart_bit.next = write.data[7]
            if write_ctrl and write.data[0]:
                start_bit.next = True
            elif ended:
                start_bit.next = restart_bit
            if ended:
                done_bit.next = True
                ready_bit.next = True
            elif clear_read:
                done_bit.next = False
                ready_bit.next = False

    @always_comb
    def interrupt_bits():
        if ended:
            set_isr.next = ier
        else:
            set_isr.next = 0
        if write_isr:
            toggle_isr.next = write.data[2:]
        else:
            toggle_isr.next = 0

    @always_seq(clk.posedge, reset=rst)
    def interrupts():
        resetting.next = run.resetting
        if write.valid and write.place == _GIER and write.strobe[0]:
            enable.next = write.data[0]
        if write.valid and write.place == _IER and write.strobe[0]:
            ier.next = write.data[2:]
        isr.next = (isr ^ toggle_isr) | set_isr
        interrupt_now.next = enable and isr != 0

    @always_comb
    def rest():
        idle.next = not run.running and not start_bit

    @always_comb
    def show():
        requests.interrupt.next = interrupt_now
        # A cycle late, which does no harm: the reset that was asked for has cleared the bit.
        requests.start.next = start_bit and not resetting
        requests.reset.next = reset_now
        ctrl.next = concat(
            intbv(0)[22:], interrupt_now, intbv(0)[1:], restart_bit, intbv(0)[3:], ready_bit,
            idle, done_bit, start_bit,
        )  # fmt: skip

    @always_comb
    def widen():
        words.gier.next = concat(intbv(0)[31:], enable)
        words.ier.next = concat(intbv(0)[30:], ier)
        words.isr.next = concat(intbv(0)[30:], isr)
        words.reset.next = concat(intbv(0)[31:], run.resetting)


@block
def select_word(clk, place, words, selected):
    """The word at ``place`` of ``words``, pairs of a place and a signal, a cycle ago; 0 if there was none."""
    gated = [Signal(intbv(0)[32:]) for _ in words]
    for (word_place, word), q in zip(words, gated, strict=True):
        word_if(place, word_place, word, q)
    parts = [Record(word=32) for _ in range(0, len(words), _PART)]
    for number, part in enumerate(parts):
        or_tree(gated[number * _PART : (number + 1) * _PART], part.word)
    or_tree([part.delay(1).word for part in parts], selected)


@block
def word_register(clk, rst, write, word_place, held):
    """A register of 32 bits that takes the bytes with a strobe."""

    @always_seq(clk.posedge, reset=rst)
    def store():
        if write.valid and write.place == word_place:
            if write.strobe[0]:
                held.next[8:0] = write.data[8:0]
            if write.strobe[1]:
                held.next[16:8] = write.data[16:8]
            if write.strobe[2]:
                held.next[24:16] = write.data[24:16]
            if write.strobe[3]:
                held.next[32:24] = write.data[32:24]
