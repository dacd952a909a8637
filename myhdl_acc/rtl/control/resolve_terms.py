"""The resolver's third part: how long a piece of the cache is, and what is added to an instruction's fields."""

from myhdl import Signal, always_comb, block, concat, intbv, modbv

from golden.units.patch import NO_PATCH
from golden.units.resolve import NEAR, NEW
from myhdl_acc.hdl.record import Record, view
from myhdl_acc.rtl.control.cache_view import PLACE_BITS, TOKENS_LOG2, log2_of
from myhdl_acc.rtl.control.isa import COMMON, FIELDS
from myhdl_acc.rtl.control.resolve_fields import CODE, ENGINE, EXECUTED_BITS, code, ends
from myhdl_acc.rtl.control.resolve_piece import USES

_ANGLE, _LOGITS = code("vector", "angle"), code("vector", "logits")
_PLACES = {
    "code": CODE, "unit": COMMON["unit"],
    **{name: FIELDS["engine"][name] for name in ("patch", "slot", "stride")},
    **{name: FIELDS["vector"][name] for name in ("row", "part", "bank")},
}  # fmt: skip
_SLOT_END, _SLOT = ends("engine", "slot")
_TOKENS_END, _TOKENS = ends("engine", "tokens")
_STRIDE_END, _STRIDE = ends("engine", "stride")
_TOKEN_ROW_END, _TOKEN_ROW = ends("engine", "row")
_PATCH_END, _PATCH = ends("engine", "patch")
_HEADS_END, _HEADS = ends("engine", "heads_log2")
_, _RELEASE = ends("engine", "release")
_ROW_END, _ROW = ends("vector", "row")
_, _FIRST = ends("vector", "first")
_, _LAST = ends("vector", "last")
_, _CUT = ends("vector", "cut")
_, _OWN = ends("vector", "own")
_SPARE_END, _SPARE = ends("vector", "spare")
_, _WRAP = ends("vector", "wrap")
_PART_END, _PART = ends("vector", "part")
_MINUS_ONE = (1 << FIELDS["engine"]["slot"][1]) - 1


def terms_record(config):
    """In every cycle that is ``valid`` the ``word`` of an instruction, ``dropped`` or not; one of USES is high if it is
    of a piece of the cache. ``first`` position and ``count`` of the piece, which is to be rounded up to a multiple of
    ``spare`` + 1; of qk ``first`` counts from the range's start, of new tokens from their
    block's. ``product`` is for its base, with ``first`` in parameter words (``in_words``: meta and qk), or ``first``
    alone is (``in_places``: scores and values). ``term`` and ``carry`` are for its bits from ``slot`` on. It is of new
    tokens alone (``fresh``), or without some slots (``cut``)."""
    return Record(
        valid=1, word=EXECUTED_BITS, dropped=1, **dict.fromkeys(USES, 1), fresh=1, cut=1, in_words=1, in_places=1,
        first=modbv(0)[PLACE_BITS:], count=modbv(0)[PLACE_BITS:], spare=log2_of(32 * config.atoms),
        product=modbv(0)[32:], term=32, carry=2,
    )  # fmt: skip


@block
def resolve_terms(clk, rst, sink, source, now, config):
    """sink: piece_record; source: terms_record. ``now``: see resolve. Latency 1, a word per cycle.

    All fields that are a choice and no sum get their values here.
    """
    new, found = view(sink.word, _PLACES), terms_record(config)
    piece = Record(patched=1, vector=sink.vector, met=1, last=1, earlier=1, slot=len(new.slot))
    uses(sink=sink, new=new, found=found, piece=piece)
    span(sink=sink, now=now, found=found, config=config)
    slot_terms(sink=sink, new=new, now=now, found=found, piece=piece, config=config)

    @always_comb
    def enter():
        found.valid.next = sink.valid

    @always_comb
    def judge():
        found.dropped.next = sink.dropped or (sink.piece and sink.stop <= sink.first)
        found.product.next = sink.token * new.stride
        piece.last.next = sink.stop == now.view.end

    @always_comb
    def leave_out():
        piece.earlier.next = piece.vector and sink.old and not now.view.full
        found.cut.next = piece.vector and now.view.full and new.part != NEW and (sink.old or now.view.spare != 0)

    @always_comb
    def write():
        found.word.next = sink.word
        found.word.next[_SLOT_END:_SLOT] = piece.slot
        if new.unit == ENGINE:
            found.word.next[_TOKEN_ROW_END:_TOKEN_ROW] = 0
            found.word.next[_STRIDE_END:_STRIDE] = 0
            if piece.patched and piece.met:
                found.word.next[_TOKENS_END:_TOKENS] = now.view.count[TOKENS_LOG2:]
            elif piece.patched:
                found.word.next[_PATCH_END:_PATCH] = NO_PATCH
                found.word.next[_HEADS_END:_HEADS] = 0
                found.word.next[_RELEASE] = False
        else:
            if new.code == _LOGITS:
                found.word.next[_ROW_END:_ROW] = now.first
            elif piece.earlier and not found.fresh:
                found.word.next[_ROW_END:_ROW] = 0
            elif piece.vector:
                found.word.next[_ROW_END:_ROW] = now.view.last
            if found.cut:
                found.word.next[_CUT] = True
                found.word.next[_OWN] = not sink.old
                found.word.next[_SPARE_END:_SPARE] = now.view.spare
                found.word.next[_WRAP] = now.view.spare != 0 and sink.first == 0
            if found.fresh:
                found.word.next[_PART_END:_PART] = NEAR
            if found.scores and not piece.last and new.part != NEW:
                found.word.next[_LAST] = False
            if found.scores and new.part == NEAR and now.view.capped:
                found.word.next[_FIRST] = False

    found.delay(1, reset=("valid",)) >> source


@block
def uses(sink, new, found, piece):
    """Which of USES an instruction is. ``piece.patched``: of one that may have to be."""
    sink.only(*USES) >> found.only(*USES)

    @always_comb
    def judge():
        piece.patched.next = sink.engine and new.patch != NO_PATCH
        found.in_words.next = sink.meta or sink.qk
        found.in_places.next = sink.scores or sink.values
        found.fresh.next = piece.vector and new.part == NEW


@block
def span(sink, now, found, config):
    """The piece's ``count`` and what it is rounded to."""
    block, words = 16 * config.atoms, 2 * config.atoms
    block_log2 = log2_of(block)

    @always_comb
    def measure():
        found.count.next = sink.stop - sink.first
        if found.qk:
            found.first.next = sink.first - sink.start
        elif found.fresh:
            found.first.next = sink.first[block_log2:]
        else:
            found.first.next = sink.first[PLACE_BITS:]

    @always_comb
    def unit():
        if found.meta:
            found.spare.next = words - 1
        elif (found.qk or found.scores) and now.shape.taps == 2:
            found.spare.next = 1
        elif found.pv:
            found.spare.next = block - 1
        elif found.other:
            found.spare.next = 2 * block - 1
        else:
            found.spare.next = 0


@block
def slot_terms(sink, new, now, found, piece, config):
    """The terms of the sum at ``slot``: ``piece.slot``, ``found.term`` and ``found.carry``.

    Slots of a piece, and how many are filled, count from its first position's: ``slots_before`` is subtracted, as its
    complement and a carry.
    """
    block_log2, lanes_log2 = log2_of(16 * config.atoms), log2_of(config.lanes)
    share_log2 = Signal(modbv(0)[3:])
    blocks_before = Signal(modbv(0)[PLACE_BITS - block_log2 + lanes_log2 :])
    slots_before = Signal(intbv(0)[len(found.term) :])
    limited = Signal(bool(0))

    @always_comb
    def share():
        share_log2.next = lanes_log2 - now.shape.heads_log2

    @always_comb
    def multiply():
        blocks_before.next = sink.first[PLACE_BITS:block_log2] << share_log2

    @always_comb
    def locate():
        slots_before.next = concat(blocks_before, sink.first[block_log2:])
        piece.met.next = sink.first <= now.view.place and now.view.place < sink.stop

    @always_comb
    def far():
        if sink.follows:
            limited.next = new.bank and now.view.next_full
        else:
            limited.next = new.bank and now.view.full

    @always_comb
    def choose():
        found.term.next = 0
        found.carry.next = 0
        piece.slot.next = new.slot
        if new.code == _LOGITS:
            found.term.next = now.logits_offset
        elif new.code == _ANGLE:
            if limited:  # to capacity − 1
                piece.slot.next = now.shape.capacity
                found.term.next = _MINUS_ONE
            elif sink.follows:
                piece.slot.next = now.view.following
            else:
                piece.slot.next = now.position
                if not now.batch:
                    found.term.next = new.row
        elif piece.vector:
            found.term.next = ~slots_before
            if found.fresh:  # one behind
                piece.slot.next = now.slot
                found.carry.next = 2
            elif piece.earlier:
                piece.slot.next = now.slot
                found.carry.next = 1
            else:
                piece.slot.next = now.view.filled
                found.carry.next = 1
        elif piece.patched and piece.met:
            piece.slot.next = now.slot
            found.term.next = ~slots_before
            found.carry.next = 1
