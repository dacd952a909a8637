"""The host's link: answers requests from a serial line with what registers and memory hold."""

from myhdl import Signal, always, always_comb, concat, intbv, modbv

from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.record import Record
from myhdl_acc.hdl.stream.stream import Stream
from myhdl_acc.hdl.wiring import unused
from myhdl_acc.rtl.board.check import next_check
from myhdl_acc.rtl.board.protocol import (
    ANSWER,
    HEADER,
    IDENTIFY,
    READ_MEMORY,
    READ_REGISTER,
    SET_RATE,
    SILENCE_BITS,
    SYNC,
    WRITE_MEMORY,
    WRITE_REGISTER,
)
from myhdl_acc.rtl.board.uart import STEP_BITS, uart_receiver, uart_transmitter
from myhdl_acc.rtl.control.register_map import ADDRESS_BITS

#: Bytes of a check.
_CHECK = 2
_SILENCE = (1 << SILENCE_BITS) - 1
_WAITS, _HEADER, _ACTS, _TAKES, _STORES, _FETCHES, _ANSWERS, _SENDS = range(8)


def host_port(address_bits):
    """LiteDRAM's native port as the link has it: a word of 16 bits at a time, at word addresses.

    A write's word is offered with its command; it is taken some cycles after that. Words that are read cannot wait.
    """
    return Record(
        source_command=Stream(write=1, address=address_bits), source_word=Stream(data=16), sink_word=Stream(data=16)
    )


@entity(outputs=("transmit",))
def link(clk, rst, receive, transmit, bus, memory, identity, first_step):
    """Answers the requests of protocol.py that come on ``receive`` on ``transmit``.

    ``bus``: the registers' AXI4-Lite channels as a master has them; ``memory``: host_port; ``identity``: a Record of
    what IDENTIFY tells, 32 bits each; ``first_step``: what a bit takes after a reset, see uart. One request at a time:
    what comes while it is answered is not heard. A request that stops coming for 2^SILENCE_BITS cycles is forgotten.
    """
    step = Signal(intbv(0)[STEP_BITS:])
    received, answer = Record(valid=1, data=8), Stream(data=8)
    uart_receiver(line=receive, step=step, received=received)
    uart_transmitter(sink=answer, step=step, line=transmit)
    unused(bus.sink_b.resp, bus.sink_r.resp)

    state = Signal(intbv(0)[3:])
    place = Signal(intbv(0)[4:])  # within a request's header, an answer's, a check
    head = Signal(intbv(0)[8 * HEADER :])
    asked = Record(operation=8, address=32, value=32)
    check, check_after = Signal(intbv(0)[16:]), Signal(intbv(0)[16:])
    checked = Signal(intbv(0)[8:])
    silence = Signal(modbv(0)[SILENCE_BITS:])
    value = Signal(intbv(0)[32:])  # of the answer
    word, address, left = (
        Signal(intbv(0)[16:]),
        Signal(intbv(0)[len(memory.source_command.address) :]),
        Signal(intbv(0)[32:]),
    )
    upper, waiting = Signal(bool(0)), Signal(bool(0))  # the second byte of a word; for a word from memory
    changes = Signal(bool(0))  # the rate, behind the answer that is sent
    pending = Record(command=1, word=1, address=1, data=1)  # what has been offered and not been taken
    told = Signal(intbv(0)[32:])
    next_check(check=check, byte=checked, after=check_after)

    @always_comb
    def fields():
        asked.operation.next = head[8:]
        asked.address.next = head[40:8]
        asked.value.next = head[72:40]

    @always_comb
    def identify():
        if head[10:8] == 0:
            told.next = identity.magic
        elif head[10:8] == 1:
            told.next = identity.fingerprint
        elif head[10:8] == 2:
            told.next = identity.hz
        else:
            told.next = identity.memory

    @always_comb
    def registers():
        bus.source_aw.valid.next = pending.address and asked.operation == WRITE_REGISTER
        bus.source_aw.address.next = asked.address[ADDRESS_BITS:]
        bus.source_ar.valid.next = pending.address and asked.operation == READ_REGISTER
        bus.source_ar.address.next = asked.address[ADDRESS_BITS:]
        bus.source_w.valid.next = pending.data
        bus.source_w.data.next = asked.value
        bus.source_w.strobe.next = 15
        bus.sink_b.ready.next = True
        bus.sink_r.ready.next = True

    @always_comb
    def words():
        memory.source_command.valid.next = pending.command
        memory.source_command.write.next = asked.operation == WRITE_MEMORY
        memory.source_command.address.next = address
        memory.source_word.valid.next = pending.word
        memory.source_word.data.next = word
        memory.sink_word.ready.next = True

    @always_comb
    def offer():
        answer.valid.next = state >= _ANSWERS
        if state == _SENDS:
            if upper:
                answer.data.next = word[16:8]
            else:
                answer.data.next = word[8:]
        elif place == 0:
            answer.data.next = ANSWER
        elif place == 1:
            answer.data.next = asked.operation
        elif place == 2:
            answer.data.next = value[8:]
        elif place == 3:
            answer.data.next = value[16:8]
        elif place == 4:
            answer.data.next = value[24:16]
        elif place == 5:
            answer.data.next = value[32:24]
        else:
            answer.data.next = check[16:8]

    @always_comb
    def choose_checked():
        if state >= _ANSWERS:
            checked.next = answer.data
        else:
            checked.next = received.data

    @always(clk.posedge)
    def offered():
        if rst:
            pending.command.next = False
            pending.word.next = False
            pending.address.next = False
            pending.data.next = False
        else:
            if memory.source_command.ready:
                pending.command.next = False
            if memory.source_word.ready:
                pending.word.next = False
            if asked.operation == READ_REGISTER:
                if bus.source_ar.ready:
                    pending.address.next = False
            elif bus.source_aw.ready:
                pending.address.next = False
            if bus.source_w.ready:
                pending.data.next = False
            if state == _ACTS and place == 0:
                pending.address.next = asked.operation == READ_REGISTER or asked.operation == WRITE_REGISTER
                pending.data.next = asked.operation == WRITE_REGISTER
            if state == _STORES and not waiting:
                pending.command.next = True
                pending.word.next = True
            if state == _FETCHES and not waiting:
                pending.command.next = True

    @always(clk.posedge)
    def step_on():
        silence.next = silence + 1
        if changes and answer.ready:  # the answer's last byte is on its way no more
            changes.next = False
            step.next = asked.value[STEP_BITS:]
        if rst:
            state.next = _WAITS
            step.next = first_step
            changes.next = False
        elif state == _WAITS:
            place.next = 0
            check.next = 0
            silence.next = 0
            if received.valid and received.data == SYNC:
                state.next = _HEADER
        elif state == _HEADER:
            if received.valid:
                silence.next = 0
                check.next = check_after
                if place < HEADER:
                    head.next = concat(received.data, head[8 * HEADER : 8])
                place.next = place + 1
                if place == HEADER + _CHECK - 1:
                    place.next = 0
                    if check_after == 0:
                        state.next = _ACTS
                    else:
                        state.next = _WAITS
            elif silence == _SILENCE:
                state.next = _WAITS
        elif state == _ACTS:
            check.next = 0
            place.next = 1
            upper.next = False
            waiting.next = False
            address.next = asked.address[len(address) + 1 : 1]
            left.next = asked.value
            value.next = 0
            silence.next = 0
            if asked.operation == IDENTIFY:
                value.next = told
                state.next = _ANSWERS
                place.next = 0
            elif asked.operation == READ_REGISTER:
                if bus.sink_r.valid:
                    value.next = bus.sink_r.data
                    state.next = _ANSWERS
                    place.next = 0
            elif asked.operation == WRITE_REGISTER:
                if bus.sink_b.valid:
                    state.next = _ANSWERS
                    place.next = 0
            elif asked.operation == READ_MEMORY:
                value.next = asked.value
                state.next = _ANSWERS
                place.next = 0
            elif asked.operation == WRITE_MEMORY:
                state.next = _TAKES
                place.next = 0
            else:
                state.next = _ANSWERS
                place.next = 0
        elif state == _TAKES:
            if received.valid:
                silence.next = 0
                check.next = check_after
                if left != 0:
                    word.next = concat(received.data, word[16:8])
                    upper.next = not upper
                    if upper:
                        state.next = _STORES
                else:
                    place.next = place + 1
                    if place == _CHECK - 1:
                        place.next = 0
                        check.next = 0
                        if check_after != 0:
                            value.next = 1
                        state.next = _ANSWERS
            elif silence == _SILENCE:
                state.next = _WAITS
        elif state == _STORES:
            # A byte takes longer than a word's way into memory.
            waiting.next = True
            if waiting and not pending.command and not pending.word:
                waiting.next = False
                address.next = address + 1
                left.next = left - 1
                state.next = _TAKES
        elif state == _ANSWERS:
            if answer.ready:
                if place == 0:
                    check.next = 0
                elif place < 6:
                    check.next = check_after
                else:
                    check.next = concat(check[8:], intbv(0)[8:])
                place.next = place + 1
                if place == 5 and asked.operation == READ_MEMORY and left != 0:
                    state.next = _FETCHES
                elif place == 7:
                    state.next = _WAITS
                    changes.next = asked.operation == SET_RATE
        elif state == _FETCHES:
            waiting.next = True
            if memory.sink_word.valid:
                waiting.next = False
                word.next = memory.sink_word.data
                state.next = _SENDS
        elif answer.ready:
            check.next = check_after
            upper.next = not upper
            if upper:
                address.next = address + 1
                left.next = left - 1
                if left == 1:
                    state.next = _ANSWERS
                else:
                    state.next = _FETCHES
