"""What one lane did in a run."""

from myhdl import Signal, always, always_comb, always_seq, intbv, modbv

from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.rtl.control.register_map import COUNTERS

LATENCY = 1  #: cycles from ``selected`` and ``address`` to ``word``


@entity(outputs=("word",))
def lane_counters(clk, rst, clear, count, state, beat, selected, address, word):
    """The counters of register_map.COUNTERS for one lane, 32 bits each, modulo 2^32.

    ``clear`` sets all to 0. In every cycle with ``count``, the counter of the sequencer's ``state`` grows by 1, and the
    first one if ``beat`` is high. ``word`` is counter ``address`` (3 bits) of LATENCY cycles before, or 0 if
    ``selected`` was low. Only one state is counted in a cycle, so the states' counters share a small memory and one
    adder.
    """
    size = 1 << len(address)
    assert len(COUNTERS) <= size
    memory = [Signal(intbv(0)[32:]) for _ in range(size)]
    seen = Signal(intbv(0)[size:])  # counters of this run: the memory itself is never cleared
    place = Signal(intbv(0)[len(address) :])
    old, total, kept = Signal(intbv(0)[32:]), Signal(modbv(0)[32:]), Signal(intbv(0)[32:])
    beats = Signal(modbv(0)[32:])

    @always_comb
    def locate():
        place.next = state + 1

    @always_comb
    def fetch():
        old.next = memory[place]
        kept.next = memory[address]

    @always_comb
    def add():
        if seen[place]:
            total.next = old + 1
        else:
            total.next = 1

    @always(clk.posedge)
    def store():
        if count:
            memory[place].next = total

    @always_seq(clk.posedge, reset=rst)
    def keep():
        if clear:
            seen.next = 0
            beats.next = 0
        elif count:
            seen.next[place] = True
            if beat:
                beats.next = beats + 1

    @always_seq(clk.posedge, reset=rst)
    def show():
        if not selected:
            word.next = 0
        elif address == 0:
            word.next = beats
        elif seen[address]:
            word.next = kept
        else:
            word.next = 0
