"""Asserts the AXI rules of memory ports while MyHDL simulates; the transfer rules are ``monitor``'s business."""

from collections import deque

from myhdl import block, instance

from myhdl_acc.hdl.record import Record
from myhdl_acc.hdl.stream.stream import Stream
from myhdl_acc.rtl.memory.channels import PAGE
from myhdl_acc.simulate.stimulus import SimulationError

#: Beats that an AXI4 burst of type INCR may have.
MAX_BEATS = 256

READ_CHANNELS, WRITE_CHANNELS = ("ar", "r"), ("aw", "w", "b")


class AxiRuleError(SimulationError):
    """A memory port broke a rule of AXI; the message names the port, the cycle and the rule."""


class _Port:
    """What is under way on one direction of a port."""

    def __init__(self, name, beat_bytes):
        self.name, self.beat_bytes = name, beat_bytes
        self.bursts = deque()  # beats of each requested burst whose data has not all passed
        self.beats = 0  # of the first of these bursts that have passed
        self.unanswered = 0  # write bursts whose data has passed

    def fail(self, cycle, rule):
        raise AxiRuleError(f"{self.name}: cycle {cycle}: {rule}")

    def request(self, cycle, address, beats):
        size = beats * self.beat_bytes
        if beats > MAX_BEATS:
            self.fail(cycle, f"a burst of {beats} beats")
        if address % self.beat_bytes:
            self.fail(cycle, f"a burst at {address:#x} is not aligned to its {self.beat_bytes} bytes")
        if address // PAGE != (address + size - 1) // PAGE:
            self.fail(cycle, f"a burst of {size} bytes at {address:#x} crosses a 4 KB boundary")
        self.bursts.append(beats)

    def beat(self, cycle, last):
        if not self.bursts:
            self.fail(cycle, "a beat that no request asked for")
        self.beats += 1
        if last != (self.beats == self.bursts[0]):
            self.fail(cycle, f"last is {int(last)} on beat {self.beats} of {self.bursts[0]}")
        if last:
            self.bursts.popleft()
            self.beats = 0
            self.unanswered += 1

    def response(self, cycle):
        if not self.unanswered:
            self.fail(cycle, "a response to nothing")
        self.unanswered -= 1


def _transfers(stream):
    return stream.valid and stream.ready


@block
def read_monitor(clk, rst, ar, r, name):
    """Burst length, alignment, 4 KB rule, ``last`` on the right beat, no beat before its request. Simulation only."""
    beat_bytes = len(r.data) // 8

    @instance
    def watch():
        port, cycle = _Port(name, beat_bytes), -1
        while True:
            yield clk.posedge
            cycle += 1
            if rst:
                port, cycle = _Port(name, beat_bytes), -1
                continue
            if _transfers(r):
                port.beat(cycle, bool(r.last))
            if _transfers(ar):
                port.request(cycle, int(ar.address), int(ar.length) + 1)

    return watch


@block
def write_monitor(clk, rst, aw, w, b, name):
    """The same for writes, a W burst for each AW, no response before all data. Simulation only.

    Data may not come before its request here, although AXI allows it: not every slave takes it.
    """
    beat_bytes = len(w.data) // 8

    @instance
    def watch():
        port, cycle = _Port(name, beat_bytes), -1
        while True:
            yield clk.posedge
            cycle += 1
            if rst:
                port, cycle = _Port(name, beat_bytes), -1
                continue
            if _transfers(b):
                port.response(cycle)
            if _transfers(aw):
                port.request(cycle, int(aw.address), int(aw.length) + 1)
            if _transfers(w):
                port.beat(cycle, bool(w.last))

    return watch


def axi_monitors_of(block_name, arguments):
    """Monitors for the memory ports among the arguments (by name) of a block with ``clk`` and ``rst``.

    A port is a set of streams called ``sink_<channel>`` or ``source_<channel>``, as arguments or in a record; without
    bursts, as AXI4-Lite, it is none.
    """
    if "clk" not in arguments or "rst" not in arguments:
        return []
    monitors = []
    for name, value in arguments.items():
        if type(value) is Record:
            members = {**value.members(), **{key: arguments[key] for key in ("clk", "rst")}}
            monitors += axi_monitors_of(f"{block_name}.{name}", members)
    found = {
        name.split("_", 1)[1]: value
        for name, value in arguments.items()
        if name.startswith(("sink_", "source_")) and isinstance(value, Stream)
    }
    clocks = arguments["clk"], arguments["rst"]
    for make, names in ((read_monitor, READ_CHANNELS), (write_monitor, WRITE_CHANNELS)):
        if all(name in found for name in names) and hasattr(found[names[0]], "length"):
            monitors.append(make(*clocks, *(found[name] for name in names), f"{block_name}.{names[0]}"))
    return monitors
