"""Tells the lanes' readers what to read."""

from myhdl import always_comb

from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.stream.fork import stream_fork
from myhdl_acc.hdl.wiring import unused
from myhdl_acc.rtl.control.isa import EXECUTED

LATENCY = 1

_PLACES = {"address": EXECUTED["engine"]["base"], "beats": EXECUTED["engine"]["beats"]}


@entity(outputs=("idle",))
def read_issue(clk, rst, sink, source, idle):
    """Read the beats of every instruction of ``sink`` (Stream(word=256)), the engine's: a command to each lane of
    ``source`` (an Array of read commands).

    LATENCY cycles, an instruction per cycle; each lane takes its copy in its own time, and the next instruction waits
    for the last of them. ``idle``: no instruction is held.
    """
    unused(sink.word)
    command = sink.decode(_PLACES).m2s_pipe()
    stream_fork(sink=command, source=source)

    @always_comb
    def observe():
        idle.next = not command.valid
