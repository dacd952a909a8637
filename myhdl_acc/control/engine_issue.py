"""Turns engine instructions into the engine's commands."""

from myhdl import always_comb

from myhdl_acc.control.isa import COMMON, FIELDS
from myhdl_acc.control.word_field import word_field
from myhdl_acc.convert.entity import entity
from myhdl_acc.stream import m2s_pipe
from myhdl_acc.stream.wiring import unused

LATENCY = 1


@entity(outputs=("idle",))
def engine_issue(clk, rst, sink, source, idle):
    """Give every instruction of ``sink`` (Stream(word=256)) to ``source``, an engine command_stream.

    The command's fields are the instruction's of the same name; ``mode`` is the op. A field that is narrower in the
    command takes the lower bits. LATENCY cycles, an instruction per cycle. ``idle``: no instruction is held.
    """
    command = source.like()
    unused(sink.word)
    places = {"mode": COMMON["op"], **FIELDS["engine"]}

    @always_comb
    def handshake():
        command.valid.next = sink.valid
        sink.ready.next = command.ready

    @always_comb
    def observe():
        idle.next = not source.valid

    fields = [word_field(sink.word, field, places[name][0]) for name, field in command.payload().items()]
    return handshake, observe, fields, m2s_pipe(clk, rst, command, source)
