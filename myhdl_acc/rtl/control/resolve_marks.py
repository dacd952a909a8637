"""The resolver's first part: where in the cache an instruction's marks are, and where its layer lies."""

from myhdl import Signal, always_comb, block, intbv, modbv

from myhdl_acc.hdl.record import Record, view
from myhdl_acc.rtl.control.cache_view import PLACE_BITS
from myhdl_acc.rtl.control.isa import COMMON, FIELDS, INSTRUCTION_BITS, RESIDENT
from myhdl_acc.rtl.control.resolve_fields import ENGINE, ends

_PLACES = {"unit": COMMON["unit"], "base": FIELDS["engine"]["base"]} | {
    name: RESIDENT[name] for name in ("after", "until", "layered")
}
_BASE_END, _BASE = ends("engine", "base")


def marked_record():
    """In every cycle that is ``valid`` the ``word`` of an instruction, whose piece of the cache lies from ``lower`` to
    ``upper`` − 1 at most; 0 where it has no such mark."""
    return Record(valid=1, word=INSTRUCTION_BITS, lower=PLACE_BITS, upper=PLACE_BITS)


@block
def resolve_marks(clk, rst, sink, source, offset, now):
    """sink: Record(valid=1, word=256); source: marked_record. ``offset`` and ``now``: see resolve. Latency 1, a word
    per cycle.

    An engine's ``base`` gets ``offset`` if it is ``layered``.
    """
    new, found = view(sink.word, _PLACES), marked_record()
    base, moved = Signal(modbv(0)[len(new.base) :]), Signal(intbv(0)[len(new.base) :])
    mark(code=new.after, view=now.view, place=found.lower)
    mark(code=new.until, view=now.view, place=found.upper)

    @always_comb
    def choose_offset():
        if new.unit == ENGINE and new.layered:
            moved.next = offset
        else:
            moved.next = 0

    @always_comb
    def move():
        base.next = new.base + moved

    @always_comb
    def write():
        found.valid.next = sink.valid
        found.word.next = sink.word
        found.word.next[_BASE_END:_BASE] = base

    found.delay(1, reset=("valid",)) >> source


@block
def mark(code, view, place):
    """``place`` of golden's MARKS ``code``; 0 for none."""

    @always_comb
    def choose():
        if code == 1:
            place.next = view.new
        elif code == 2:
            place.next = view.new_end
        elif code == 3:
            place.next = view.old_end
        elif code == 4:
            place.next = view.end
        elif code == 5:
            place.next = view.sinks_end
        elif code == 6:
            place.next = view.turn
        else:
            place.next = 0
