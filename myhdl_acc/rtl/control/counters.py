"""Performance counters of a run."""

from myhdl import Signal, always_comb, always_seq, intbv, modbv

from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.record import Record
from myhdl_acc.hdl.wiring import equals, wire
from myhdl_acc.rtl.control import lane_counters as lane_unit
from myhdl_acc.rtl.control.lane_counters import lane_counters
from myhdl_acc.rtl.control.register_map import COUNTER_STRIDE
from myhdl_acc.rtl.control.select import or_tree

LATENCY = lane_unit.LATENCY + 1  #: cycles from ``address`` to ``word``
PLACE_BITS = (COUNTER_STRIDE // 4 - 1).bit_length()  #: bits of ``address`` that choose a lane's counter


@entity(outputs=("word", "cycles"))
def counters(clk, rst, clear, count, state, beat, address, word, cycles):
    """A lane_counters for each lane of the Arrays ``state`` (3 bits) and ``beat``, and the ``cycles`` with ``count``.

    ``word`` is LATENCY cycles later the counter at ``address``: 32-bit words, 2^PLACE_BITS for each lane; 0 for a lane
    that does not exist. ``clear`` sets all to 0; a cycle with ``clear`` is not counted.
    What lanes do is counted a cycle later.
    """
    lanes = len(list(state))
    lane, place = Signal(intbv(0)[len(address) - PLACE_BITS :]), Signal(intbv(0)[PLACE_BITS:])
    total = Signal(modbv(0)[32:])
    flags = [Signal(bool(0)) for _ in range(lanes)]
    words = [Signal(intbv(0)[32:]) for _ in range(lanes)]
    joined = Signal(intbv(0)[32:])

    @always_comb
    def split():
        lane.next = address[:PLACE_BITS]
        place.next = address[PLACE_BITS:]

    @always_seq(clk.posedge, reset=rst)
    def register():
        word.next = joined

    @always_seq(clk.posedge, reset=rst)
    def count_cycles():
        if clear:
            total.next = 0
        elif count:
            total.next = total + 1

    wire(total, cycles)
    for number, flag in enumerate(flags):
        equals(lane, number, flag)
    # What a lane does shows late in its cycle: it is counted in the next one.
    before = Record(clear=clear, count=count).delay(1, reset=("clear", "count"))
    for one_state, one_beat, flag, one_word in zip(state, beat, flags, words, strict=True):
        seen = Record(state=one_state, beat=one_beat).delay(1)
        lane_counters(
            clear=before.clear,
            count=before.count,
            state=seen.state,
            beat=seen.beat,
            selected=flag,
            address=place,
            word=one_word,
        )
    or_tree(words, joined)
