"""The kernel's registers behind AXI4-Lite."""

from myhdl import Signal, always_comb, always_seq, block, concat, intbv

from myhdl_acc.control import counters as counters_unit
from myhdl_acc.control.register_map import ADDRESS_BITS, COUNTER_BASE, OFFSETS, pointer_offset, token_offset
from myhdl_acc.control.select import or_tree, word_if
from myhdl_acc.convert.entity import entity
from myhdl_acc.hdl.wiring import unused, vector, wire
from myhdl_acc.stream import Stream

#: Cycles from a read address to its data: the address register, then the counters.
READ_LATENCY = 1 + counters_unit.LATENCY + 1
WRITE_LATENCY = 1  #: cycles from a write's data to its response

#: Word addresses.
_CTRL, _GIER, _IER, _ISR, _RESET = (OFFSETS[name] // 4 for name in ("ctrl", "gier", "ip_ier", "ip_isr", "reset"))
_ARGUMENTS = ("program", "instructions", "watchdog")
_COUNTER_BIT = (COUNTER_BASE // 4).bit_length() - 1  #: set in the word address of every counter
_OKAY = 0


def axi_lite_ports():
    """The AXI4-Lite streams of s_axi_control() by argument name."""
    return {
        "sink_aw": Stream(address=ADDRESS_BITS),
        "sink_w": Stream(data=32, strobe=4),
        "source_b": Stream(resp=2),
        "sink_ar": Stream(address=ADDRESS_BITS),
        "source_r": Stream(data=32, resp=2),
    }


@entity(
    outputs=(
        "interrupt_request", "start", "reset_request", "program_address", "instructions", "watchdog", "base",
        "counter_address",
    )
)  # fmt: skip
def s_axi_control(
    clk,
    rst,
    sink_aw,
    sink_w,
    source_b,
    sink_ar,
    source_r,
    interrupt_request,
    start,
    running,
    done,
    resetting,
    reset_request,
    program_address,
    instructions,
    watchdog,
    base,
    status,
    instruction,
    cycles,
    token,
    counter_address,
    counter_word,
):
    """The registers of register_map with Vitis' ap_ctrl_hs protocol; see docs/registers.md.

    sink_aw, sink_ar: Stream(address=12); sink_w: Stream(data=32, strobe=4); source_b: Stream(resp=2); source_r:
    Stream(data=32, resp=2). ``start`` is ap_start: it stays high until a pulse of ``done``, and beyond with
    auto_restart. ``base``: Array of 64-bit pointers, ``token``: Array of the rows' 32-bit tokens; ``status``,
    ``instruction`` and ``cycles``: the registers of these names. ``counter_word`` is the counter at ``counter_address``
    counters.LATENCY cycles before. ``reset_request`` pulses when 1 is written to ``reset``; ``resetting`` until that is
    done: ``done`` does not count meanwhile.

    One write and one read at a time: data are taken after their address and answered WRITE_LATENCY cycles later, a
    write every 3 cycles; reads are answered READ_LATENCY cycles after their address. The answer is always OKAY.
    ``rst`` clears everything.
    """
    have_address, respond, writing = (Signal(bool(0)) for _ in range(3))
    place, read_place = (Signal(intbv(0)[ADDRESS_BITS - 2 :]) for _ in range(2))
    data, strobe = Signal(intbv(0)[32:]), Signal(intbv(0)[4:])
    reading, answer, capture = (Signal(bool(0)) for _ in range(3))
    step = Signal(intbv(0, min=0, max=READ_LATENCY))
    selected, joined, ctrl = (Signal(intbv(0)[32:]) for _ in range(3))

    start_bit, done_bit, ready_bit, restart_bit, enable = (Signal(bool(0)) for _ in range(5))
    interrupt_now, reset_now, clear_read = (Signal(bool(0)) for _ in range(3))
    write_ctrl, write_isr = Signal(bool(0)), Signal(bool(0))
    ier, isr, set_isr, toggle_isr = (Signal(intbv(0)[2:]) for _ in range(4))
    ended, idle = Signal(bool(0)), Signal(bool(0))
    unused(sink_aw.address, sink_ar.address)

    @always_comb
    def write_handshake():
        sink_aw.ready.next = not have_address
        sink_w.ready.next = have_address and not respond
        writing.next = have_address and not respond and sink_w.valid
        source_b.valid.next = respond
        source_b.resp.next = _OKAY

    @always_seq(clk.posedge, reset=rst)
    def write_steps():
        if sink_aw.valid and not have_address:
            have_address.next = True
            place.next = sink_aw.address[:2]
        if writing:
            respond.next = True
        elif respond and source_b.ready:
            respond.next = False
            have_address.next = False

    @always_comb
    def write_data():
        data.next = sink_w.data
        strobe.next = sink_w.strobe

    @always_comb
    def read_handshake():
        sink_ar.ready.next = not reading and not answer
        source_r.valid.next = answer
        source_r.resp.next = _OKAY
        capture.next = reading and step == READ_LATENCY - 2
        counter_address.next = read_place[_COUNTER_BIT:]

    @always_seq(clk.posedge, reset=rst)
    def read_steps():
        if not reading and not answer:
            step.next = 0
            if sink_ar.valid:
                reading.next = True
                read_place.next = sink_ar.address[:2]
        elif reading:
            step.next = step + 1
            if capture:
                reading.next = False
                answer.next = True
                if read_place == _CTRL:
                    source_r.data.next = ctrl
                elif read_place[_COUNTER_BIT]:
                    source_r.data.next = counter_word
                else:
                    source_r.data.next = selected
        elif source_r.ready:
            answer.next = False

    @always_seq(clk.posedge, reset=rst)
    def read_register():
        selected.next = joined

    @always_comb
    def decode():
        write_ctrl.next = writing and place == _CTRL and strobe[0]
        write_isr.next = writing and place == _ISR and strobe[0]
        reset_now.next = writing and place == _RESET and strobe[0] and data[0]
        clear_read.next = capture and read_place == _CTRL
        ended.next = done and not resetting

    @always_seq(clk.posedge, reset=rst)
    def protocol():
        if reset_now:
            start_bit.next = False
            restart_bit.next = False
            done_bit.next = False
            ready_bit.next = False
        else:
            if write_ctrl:
                restart_bit.next = data[7]
            if write_ctrl and data[0]:
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
            toggle_isr.next = data[2:]
        else:
            toggle_isr.next = 0

    @always_seq(clk.posedge, reset=rst)
    def interrupts():
        if writing and place == _GIER and strobe[0]:
            enable.next = data[0]
        if writing and place == _IER and strobe[0]:
            ier.next = data[2:]
        isr.next = (isr ^ toggle_isr) | set_isr
        interrupt_now.next = enable and isr != 0

    @always_comb
    def rest():
        idle.next = not running and not start_bit

    @always_comb
    def show():
        interrupt_request.next = interrupt_now
        start.next = start_bit and not resetting
        reset_request.next = reset_now
        ctrl.next = concat(
            intbv(0)[22:], interrupt_now, intbv(0)[1:], restart_bit, intbv(0)[3:], ready_bit,
            idle, done_bit, start_bit,
        )  # fmt: skip

    gier_word, ier_word, isr_word, reset_word = (Signal(intbv(0)[32:]) for _ in range(4))

    @always_comb
    def widen():
        gier_word.next = concat(intbv(0)[31:], enable)
        ier_word.next = concat(intbv(0)[30:], ier)
        isr_word.next = concat(intbv(0)[30:], isr)
        reset_word.next = concat(intbv(0)[31:], resetting)

    words = [(_GIER, gier_word), (_IER, ier_word), (_ISR, isr_word), (_RESET, reset_word)]
    words += [(OFFSETS[name] // 4, word) for name, word in _named(status, instruction, cycles)]
    words += [(token_offset(row) // 4, word) for row, word in enumerate(list(token))]
    writers = []
    for name, value in zip(_ARGUMENTS, (program_address, instructions, watchdog), strict=True):
        held = Signal(intbv(0)[32:])
        words.append((OFFSETS[name] // 4, held))
        writers += [word_register(clk, rst, writing, place, OFFSETS[name] // 4, strobe, data, held), wire(held, value)]
    for lane, pointer in enumerate(list(base)):
        halves = [Signal(intbv(0)[32:]) for _ in range(2)]
        for half, held in enumerate(halves):
            word_place = pointer_offset(lane) // 4 + half
            words.append((word_place, held))
            writers.append(word_register(clk, rst, writing, place, word_place, strobe, data, held))
        writers.append(wire(vector(halves), pointer))
    gated = [Signal(intbv(0)[32:]) for _ in words]
    gates = [
        word_if(read_place, word_place, word, q) for (word_place, word), q in zip(words, gated, strict=True)
    ]  # fmt: skip
    return (
        write_handshake, write_steps, write_data, read_handshake, read_steps, read_register, decode, protocol,
        interrupt_bits, interrupts, rest, show, widen, writers, gates, or_tree(gated, joined),
    )  # fmt: skip


def _named(status, instruction, cycles):
    return (("status", status), ("instruction", instruction), ("cycles", cycles))


@block
def word_register(clk, rst, writing, place, word_place, strobe, data, held):
    """A register of 32 bits that takes the bytes with a strobe."""

    @always_seq(clk.posedge, reset=rst)
    def store():
        if writing and place == word_place:
            if strobe[0]:
                held.next[8:0] = data[8:0]
            if strobe[1]:
                held.next[16:8] = data[16:8]
            if strobe[2]:
                held.next[24:16] = data[24:16]
            if strobe[3]:
                held.next[32:24] = data[32:24]

    return store
