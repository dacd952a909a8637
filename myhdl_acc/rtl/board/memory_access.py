"""What the link writes to memory and reads from it, on one port."""

from myhdl import Signal

from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.record import Record
from myhdl_acc.hdl.stream.stream import Stream
from myhdl_acc.hdl.wiring import constant, unused
from myhdl_acc.rtl.board.word_reader import word_reader


@entity
def memory_access(clk, rst, sink_write, sink_read, port, source):
    """``sink_write``: word_write_stream; ``sink_read``: word_read_stream; ``source``: word_stream, what is read;
    ``port``: host_port.

    Writes go first. Latency 0 from a write to the port; it is taken once the port has its command and its word, each in
    its own time. Reads: see word_reader.
    """
    yes, no = Signal(bool(0)), Signal(bool(0))
    constant(q=yes, number=True)
    constant(q=no, number=False)
    written, data = sink_write.fork(2)
    unused(written.data, data.address)
    wanted = Stream(address=len(sink_read.address))
    word_reader(sink=sink_read, source_command=wanted, sink_word=port.sink_word, source=source)
    write = written.translate_with(Record(write=yes, address=written.address))
    read = wanted.translate_with(Record(write=no, address=wanted.address))
    write.arbitrate(read, policy="lowest_first") >> port.source_command
    data.translate_with(Record(data=data.data)) >> port.source_word
