"""The host's link: answers requests from a serial line with what registers and memory hold."""

from myhdl import Signal, intbv

from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.rtl.board import records
from myhdl_acc.rtl.board.answer_writer import answer_writer
from myhdl_acc.rtl.board.executor import executor
from myhdl_acc.rtl.board.line_rate import line_rate
from myhdl_acc.rtl.board.memory_access import memory_access
from myhdl_acc.rtl.board.request_reader import request_reader
from myhdl_acc.rtl.board.uart import STEP_BITS, uart_receiver, uart_transmitter


@entity(outputs=("transmit",))
def link(clk, rst, receive, transmit, bus, memory, identity, first_step):
    """Answers the requests of protocol.py that come on ``receive`` on ``transmit``.

    ``bus``: the registers' AXI4-Lite channels as a master has them; ``memory``: host_port; ``identity``: see records;
    ``first_step``: what a bit takes after a reset, see uart. One request at a time: what comes while it is answered is
    not heard. A request that stops coming for 2^SILENCE_BITS cycles is forgotten.
    """
    step = Signal(intbv(0)[STEP_BITS:])
    address_bits = len(memory.source_command.address)
    received, sent = records.byte_stream(), records.byte_stream()
    request, answer = records.request_stream(), records.answer_stream()
    writes, reads = records.word_write_stream(address_bits), records.word_read_stream(address_bits)
    words = records.word_stream()
    uart_receiver(line=receive, step=step, source=received)
    request_reader(sink=received, source=request, source_word=writes)
    executor(sink=request, bus=bus, identity=identity, source_read=reads, source=answer)
    memory_access(sink_write=writes, sink_read=reads, port=memory, source=words)
    answer_writer(sink=answer, sink_byte=words.convert_width(data=8, last=1), source=sent)
    uart_transmitter(sink=sent, step=step, line=transmit)
    line_rate(
        request=request.only("operation", "value"),
        answered=request.fire(),
        idle=sent.ready,
        first_step=first_step,
        step=step,
    )
