"""Turns engine instructions into the engine's commands."""

from myhdl import always_comb

from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.wiring import unused
from myhdl_acc.rtl.control.isa import COMMON, EXECUTED

LATENCY = 1

_PLACES = {"mode": COMMON["op"], **EXECUTED["engine"]}


@entity(outputs=("idle",))
def engine_issue(clk, rst, sink, source, idle):
    """Give every instruction of ``sink`` (Stream(word=256)) to ``source``, an engine command_stream.

    The command's fields are the instruction's of the same name; ``mode`` is the op. A field that is narrower in the
    command takes the lower bits. LATENCY cycles, an instruction per cycle. ``idle``: no instruction is held.
    """
    unused(sink.word)
    sink.decode(_PLACES, source).m2s_pipe() >> source

    @always_comb
    def observe():
        idle.next = not source.valid
