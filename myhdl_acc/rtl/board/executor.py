"""Does what a request says."""

from myhdl import Signal, always_comb, intbv

from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.record import bits
from myhdl_acc.hdl.stream.stream import Stream
from myhdl_acc.hdl.wiring import choose_of, unused
from myhdl_acc.rtl.board.protocol import (
    IDENTIFY,
    IDENTITY,
    READ_MEMORY,
    READ_REGISTER,
    WRITE_MEMORY,
    WRITE_REGISTER,
)
from myhdl_acc.rtl.board.records import register_stream
from myhdl_acc.rtl.board.register_access import register_access


@entity
def executor(clk, rst, sink, bus, identity, source_read, source):
    """``sink``: request_stream; ``source``: answer_stream; ``bus``: as register_access has it; ``source_read``:
    word_read_stream, what READ_MEMORY wants; ``identity``: see records.

    A request stands until its answer is taken. Latency 0, for a register's what the bus takes; no path is registered.
    A request's words are asked for in its first cycle, however long its answer waits.
    """
    to_answer, to_memory = sink.fork(2)
    access, found = register_stream(), Stream(data=32)
    register_access(sink=access, bus=bus, source=found)
    told = Signal(intbv(0)[32:])
    choose_of(bits(sink.address, 0, 2), [getattr(identity, name) for name in IDENTITY], told)
    unused(to_memory.operation, to_memory.broken)
    of_register, of_words = Signal(bool(0)), Signal(bool(0))

    @always_comb
    def tell_apart():
        of_register.next = sink.operation == READ_REGISTER or sink.operation == WRITE_REGISTER
        of_words.next = sink.operation == READ_MEMORY

    @always_comb
    def read_words():
        source_read.valid.next = to_memory.valid and of_words
        source_read.address.next = to_memory.address[len(source_read.address) + 1 : 1]
        source_read.count.next = to_memory.value
        to_memory.ready.next = source_read.ready or not of_words

    @always_comb
    def reach_register():
        access.valid.next = to_answer.valid and of_register
        access.write.next = sink.operation == WRITE_REGISTER
        access.address.next = to_answer.address[len(access.address) :]
        access.data.next = to_answer.value
        found.ready.next = source.ready

    @always_comb
    def answer():
        if of_register:
            source.valid.next = found.valid
            to_answer.ready.next = access.ready
        else:
            source.valid.next = to_answer.valid
            to_answer.ready.next = source.ready

    @always_comb
    def fill():
        source.operation.next = to_answer.operation
        source.words.next = of_words and to_answer.value != 0
        source.value.next = 0
        if to_answer.operation == IDENTIFY:
            source.value.next = told
        elif to_answer.operation == READ_REGISTER:
            source.value.next = found.data
        elif of_words:
            source.value.next = to_answer.value
        elif to_answer.operation == WRITE_MEMORY and to_answer.broken:
            source.value.next = 1
