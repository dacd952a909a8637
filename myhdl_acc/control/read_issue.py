"""Tells the lanes' readers what to read."""

from myhdl import always_comb

from myhdl_acc.control.isa import FIELDS
from myhdl_acc.convert.entity import entity
from myhdl_acc.stream import Stream, m2s_pipe, stream_fork
from myhdl_acc.stream.wiring import unused

LATENCY = 1

_ADDRESS, _BEATS = FIELDS["read"]["address"][0], FIELDS["read"]["beats"][0]


def read_command_stream():
    """``beats`` beats from beat address ``address`` of the lane's memory."""
    return Stream(address=32, beats=32)


@entity(outputs=("idle",))
def read_issue(clk, rst, sink, source, idle):
    """Give every instruction of ``sink`` (Stream(word=256)) to each lane of ``source`` (a Bundle of read commands).

    LATENCY cycles, an instruction per cycle; each lane takes its copy in its own time, and the next instruction waits
    for the last of them. ``idle``: no instruction is held.
    """
    command, held = read_command_stream(), read_command_stream()
    unused(sink.word)

    @always_comb
    def decode():
        command.valid.next = sink.valid
        sink.ready.next = command.ready
        command.address.next = sink.word[_ADDRESS + 32 : _ADDRESS]
        command.beats.next = sink.word[_BEATS + 32 : _BEATS]

    @always_comb
    def observe():
        idle.next = not held.valid

    return decode, observe, m2s_pipe(clk, rst, command, held), stream_fork(clk, rst, held, source)
