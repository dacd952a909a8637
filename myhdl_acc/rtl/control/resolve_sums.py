"""The resolver's fourth part: the sums, and what a piece's length is in each field."""

from myhdl import Signal, always_comb, block, concat, intbv, modbv

from myhdl_acc.hdl.record import Record, view
from myhdl_acc.rtl.control.cache_view import PLACE_BITS, log2_of
from myhdl_acc.rtl.control.isa import FIELDS
from myhdl_acc.rtl.control.resolve_fields import EXECUTED_BITS, ends

_PLACES = {name: FIELDS["engine"][name] for name in ("base", "slot", "skip")}
_BASE_END, _BASE = ends("engine", "base")
_OUTER_END, _OUTER = ends("engine", "outer")
_MIDDLE_END, _MIDDLE = ends("engine", "middle")
_PARAMS_END, _PARAMS = ends("engine", "params")
_SLOT_END, _SLOT = ends("engine", "slot")
_BEATS_END, _BEATS = ends("engine", "beats")
_COUNT_END, _COUNT = ends("vector", "count")
_SINKS_END, _SINKS = ends("vector", "sinks")
_NEW_END, _NEW = ends("vector", "new")
_SKIP_END, _SKIP = ends("engine", "skip")


def blocks_bits(config):
    """Bits of a number of token blocks of a lane."""
    return PLACE_BITS + 1 - log2_of(16 * config.atoms)


def summed_record(config):
    """In every cycle that is ``valid`` the ``word`` of an instruction but for its beats: ``qk`` has params + middle;
    ``blocks`` · middle are or-ed to them."""
    return Record(valid=1, word=EXECUTED_BITS, qk=1, blocks=blocks_bits(config))


@block
def resolve_sums(clk, rst, sink, source, now, config):
    """sink: terms_record; source: summed_record. ``now``: see resolve.

    Latency 1, a word per cycle, those that are dropped included.
    """
    new, found = view(sink.word, _PLACES), source.like()
    widths = {name: modbv(0)[FIELDS["vector"][name][1] :] for name in ("sinks", "new")}
    sums = Record(base=modbv(0)[32:], slot=modbv(0)[32:], **widths, skip=modbv(0)[len(new.skip) :])
    length = Record(rounded=PLACE_BITS, beats=PLACE_BITS, keys=PLACE_BITS, blocks=blocks_bits(config))
    add(sink=sink, new=new, now=now, sums=sums, config=config)
    measure(sink=sink, length=length, config=config)

    @always_comb
    def keep():
        found.valid.next = sink.valid and not sink.dropped

    @always_comb
    def mark():
        found.qk.next = sink.qk
        if sink.pv:
            found.blocks.next = length.blocks
        else:
            found.blocks.next = 0

    @always_comb
    def write():
        found.word.next = sink.word
        found.word.next[_BASE_END:_BASE] = sums.base
        found.word.next[_SLOT_END:_SLOT] = sums.slot
        if sink.meta:
            found.word.next[_MIDDLE_END:_MIDDLE] = sink.count
            found.word.next[_PARAMS_END:_PARAMS] = length.beats
            found.word.next[_BEATS_END:_BEATS] = length.beats
        elif sink.qk:
            found.word.next[_SKIP_END:_SKIP] = sums.skip
            found.word.next[_MIDDLE_END:_MIDDLE] = length.keys
            found.word.next[_BEATS_END:_BEATS] = 0
        elif sink.pv:
            found.word.next[_OUTER_END:_OUTER] = length.blocks
            found.word.next[_BEATS_END:_BEATS] = 0
        elif sink.scores or sink.values or sink.other:
            found.word.next[_COUNT_END:_COUNT] = length.rounded
            if sink.fresh:
                found.word.next[_SINKS_END:_SINKS] = sums.new
            else:
                found.word.next[_SINKS_END:_SINKS] = sums.sinks
            if sink.cut:
                found.word.next[_NEW_END:_NEW] = sums.new

    found.delay(1, reset=("valid",)) >> source


@block
def add(sink, new, now, sums, config):
    """The sums at ``base``, where a vector instruction has src and dst, and ``slot``; the sinks from the piece on, and
    the first new slot; what is skipped behind parameters."""
    words_log2 = log2_of(2 * config.atoms)
    slots_bits = PLACE_BITS + log2_of(config.lanes)
    before = Signal(intbv(0)[slots_bits:])
    addend = Signal(intbv(0)[32:])

    @always_comb
    def choose():
        if sink.in_words:
            addend.next = sink.product | sink.first[:words_log2]
        elif sink.in_places:
            addend.next = concat(sink.first, intbv(0)[PLACE_BITS:])
        else:
            addend.next = sink.product

    @always_comb
    def base():
        sums.base.next = new.base + addend

    @always_comb
    def slot():
        sums.slot.next = new.slot + sink.term + sink.carry

    @always_comb
    def complement():
        before.next = ~sink.term[slots_bits:]

    @always_comb
    def sinks():
        if now.view.sinks > before:
            sums.sinks.next = now.view.sinks - before
        else:
            sums.sinks.next = 0

    @always_comb
    def new_slot():
        sums.new.next = now.slot - before

    @always_comb
    def skipped():
        if sink.spare[0]:
            sums.skip.next = new.skip + sink.first[:1] - sink.first[:words_log2]
        else:
            sums.skip.next = new.skip + sink.first - sink.first[:words_log2]


@block
def measure(sink, length, config):
    """The piece's length as a ``rounded`` count, in ``beats`` of parameters, in beats of ``keys``, in blocks."""
    block_log2, words_log2 = log2_of(16 * config.atoms), log2_of(2 * config.atoms)
    total, spare = (Signal(intbv(0)[PLACE_BITS + 1 :]) for _ in range(2))

    @always_comb
    def sum_up():
        total.next = sink.count + sink.spare
        spare.next = sink.spare

    @always_comb
    def round_down():
        length.rounded.next = total[PLACE_BITS:] & ~spare[PLACE_BITS:]
        length.beats.next = total[:words_log2]
        length.blocks.next = total[:block_log2]
        if sink.spare[0]:
            length.keys.next = total[:1]
        else:
            length.keys.next = total[PLACE_BITS:]
