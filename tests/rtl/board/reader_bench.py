"""The reader of requests beside a stream that goes on while no byte comes."""

from myhdl import always_comb

from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.stream import Stream
from myhdl_acc.hdl.wiring import unused
from myhdl_acc.rtl.board import records
from myhdl_acc.rtl.board.request_reader import request_reader
from myhdl_acc.simulate import Design, clock, reset

ADDRESS_BITS = 6


@entity
def reader_bench(clk, rst, sink, sink_tick, source, source_word):
    """``sink_tick`` is always ready."""
    request_reader(sink=sink, source=source, source_word=source_word)
    unused(sink_tick.valid)

    @always_comb
    def tick():
        sink_tick.ready.next = not rst


def reader_design(block=request_reader, **ticks):
    return Design(
        block,
        clk=clock(),
        rst=reset(),
        sink=records.byte_stream(),
        **ticks,
        source=records.request_stream(),
        source_word=records.word_write_stream(ADDRESS_BITS),
    )


def patient_design():
    return reader_design(reader_bench, sink_tick=Stream())
