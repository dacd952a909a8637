"""Tells the lanes' readers what to read."""

from myhdl import Signal, always_comb, always_seq, intbv, modbv

from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.record import Record, view
from myhdl_acc.hdl.stream.fork import stream_fork
from myhdl_acc.hdl.wiring import unused
from myhdl_acc.rtl.control.isa import EXECUTED
from myhdl_acc.rtl.memory.channels import read_command_stream

LATENCY = 1

_PLACES = {name: EXECUTED["engine"][name] for name in ("base", "beats", "params", "skip")}


@entity(outputs=("idle",))
def read_issue(clk, rst, sink, source, idle):
    """Read the beats of every instruction of ``sink`` (Stream(word=256)), the engine's: a command to each lane of
    ``source`` (an Array of read commands). With ``skip`` there are two, as ``skip`` beats lie behind the parameters.

    LATENCY cycles, a command per cycle; each lane takes its copy in its own time, and the next command waits for the
    last of them. ``idle``: no instruction is held, and no command.
    """
    unused(sink.word)
    new = view(sink.word, _PLACES)
    taken = Record(
        base=new.base, beats=new.beats, params=new.params, gap=modbv(0)[len(new.skip) + 1 :], rest=modbv(0)[32:],
        split=1,
    )  # fmt: skip
    held, command = sink.translate_with(taken).m2s_pipe(), read_command_stream()
    second = Signal(bool(0))
    offset, address = Signal(intbv(0)[len(taken.gap) :]), Signal(modbv(0)[32:])
    sent = command.fire()
    waiting = command.s2m_pipe()  # whether the lanes' readers have room is known late
    stream_fork(sink=waiting, source=source)

    @always_comb
    def prepare():
        taken.gap.next = new.params + new.skip
        taken.rest.next = new.beats - new.params
        taken.split.next = new.skip != 0

    @always_comb
    def handshake():
        command.valid.next = held.valid
        held.ready.next = command.ready and (second or not held.split)

    @always_comb
    def choose():
        if second:
            offset.next = held.gap
            command.beats.next = held.rest
        elif held.split:
            offset.next = 0
            command.beats.next = held.params
        else:
            offset.next = 0
            command.beats.next = held.beats

    @always_comb
    def locate():
        address.next = held.base + offset

    @always_comb
    def give():
        command.address.next = address

    @always_seq(clk.posedge, reset=rst)
    def follow():
        if sent:
            second.next = held.split and not second

    @always_comb
    def observe():
        idle.next = not waiting.valid
