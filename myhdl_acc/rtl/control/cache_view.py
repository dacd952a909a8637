"""What a pass finds in the cache: how many tokens it takes, and where they lie in the lanes."""

from myhdl import Signal, always, always_comb, always_seq, block, concat, intbv, modbv

from golden.machine.text import MOST_TOKENS
from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.record import Record
from myhdl_acc.hdl.wiring import unused
from myhdl_acc.rtl.control.isa import FIELDS

SLOT_BITS = 24  #: of a slot of the cache, and of a number of slots
PLACE_BITS = 16  #: of a position in a head's lanes
TOKENS_LOG2 = 4  #: a pass takes fewer than 2^TOKENS_LOG2 tokens
LATENCY = 7  #: cycles from ``start`` to ``done``

#: Bits of a position within a chunk of the cache: any chunk_log2, and the lanes.
_CHUNK_BITS = (1 << FIELDS["control"]["chunk_log2"][1]) - 1 + 5
#: The bits of a position that do not lie in a chunk of 2^n slots, by n.
_ABOVE = tuple((1 << _CHUNK_BITS) - (1 << min(n, _CHUNK_BITS)) for n in range(32))


def cache_shape():
    """What ``pass`` says of the cache, its fields of isa.py, and how many ``slots`` that makes."""
    names = ("capacity", "sinks", "heads_log2", "chunk_log2", "taps", "renews", "spare")
    return Record(**{name: FIELDS["control"][name][1] for name in names}, slots=FIELDS["control"]["capacity"][1])


def view_record():
    """golden's CacheView and what follows the pass.

    ``count`` tokens, ``last`` = count − 1. The cache is ``full``, and ``capped`` if it has sinks; it will be for the
    next token (``next_full``, ``next_capped``). ``filled`` slots, ``spare`` of them of tokens that are evicted;
    ``sinks``, 0 unless capped; the first new token's
    ``place``. The pass ``renews``. Of golden's MARKS ``sinks`` is ``sinks_end``. The position ``following`` the pass's
    tokens, and its ``next_slot``.
    """
    marks = dict.fromkeys(("new", "new_end", "old_end", "end", "sinks_end", "turn"), PLACE_BITS)
    return Record(
        count=TOKENS_LOG2 + 1, last=modbv(0)[TOKENS_LOG2:], full=1, capped=1, renews=1, filled=modbv(0)[SLOT_BITS:],
        spare=FIELDS["control"]["spare"][1],
        sinks=FIELDS["control"]["sinks"][1], place=PLACE_BITS, **marks, next_full=1, next_capped=1,
        following=modbv(0)[32:], next_slot=SLOT_BITS,
    )  # fmt: skip


def log2_of(power):
    """n of 2^n."""
    return power.bit_length() - 1


@entity(outputs=("view", "done"))
def cache_view(clk, rst, start, shape, position, slot, left, view, done, config):
    """``view`` (view_record) of the pass whose first token has ``position`` and ``slot``: golden cache_view and
    pass_tokens. ``left`` ≥ 1 tokens wait, the cache has ``shape`` (cache_shape).

    ``start`` pulses, and ``done`` LATENCY cycles later. From the one to the other the operands stay as they are, and no
    other ``start`` comes. ``view`` is right with ``done`` and holds until the next ``start``. ``position`` and ``left``
    have 32 bits, ``slot`` 24; ``slot`` is that of LambdaRule. The cache has fewer than 2^24 slots, and a head's lanes
    fewer than 2^16 positions; ``heads_log2`` is at most log2 of the lanes.
    """
    block_log2, words_log2 = log2_of(16 * config.atoms), log2_of(2 * config.atoms)
    lanes_log2 = log2_of(config.lanes)
    masks = tuple((config.lanes - 1) >> n for n in range(1 << len(shape.heads_log2)))
    # The operands stay, so no register waits for another: after LATENCY cycles with ``run`` the last of them is right.
    seen, run = view_record(), Signal(bool(0))
    seen >> view
    steps = Signal(intbv(0)[LATENCY:])
    share = Record(log2=modbv(0)[3:], mask=max(1, lanes_log2))  # of the lanes of a head: log2, and their number − 1
    closing, behind = Signal(modbv(0)[SLOT_BITS:]), Signal(modbv(0)[SLOT_BITS:])  # slot of the last token, and after it
    used = Signal(intbv(0)[SLOT_BITS:])
    turns = [Record(turn=modbv(0)[PLACE_BITS - block_log2 :], inner=1) for _ in range(4)]
    first, last, in_use, of_sinks = turns
    unused(shape.taps, last.inner)
    pass_tokens(
        run=run, shape=shape, position=position, slot=slot, left=left, share=share, view=seen, config=config
    )  # fmt: skip
    for number, turn in zip((slot, closing, used, shape.sinks), turns, strict=True):
        lane_turn(run=run, slot=number, share=share, turn=turn, block_log2=block_log2)
    whole_end, before_end = Signal(modbv(0)[PLACE_BITS:]), Signal(intbv(0)[PLACE_BITS:])
    new_places(
        run=run, slot=slot, closing=closing, first=first, last=last, view=seen, end=whole_end, words_log2=words_log2
    )  # fmt: skip
    positions_end(run=run, slot=slot, turn=first, end=before_end)
    positions_end(run=run, slot=used, turn=in_use, end=seen.end)
    positions_end(run=run, slot=shape.sinks, turn=of_sinks, end=seen.sinks_end)

    @always_comb
    def geometry():
        share.log2.next = lanes_log2 - shape.heads_log2

    @always_comb
    def mask():
        share.mask.next = masks[int(shape.heads_log2)]

    @always_seq(clk.posedge, reset=rst)
    def walk():
        steps.next[LATENCY:1] = steps[LATENCY - 1 :]
        steps.next[0] = start

    @always_comb
    def observe():
        run.next = start or steps[LATENCY - 1 :] != 0
        done.next = steps[LATENCY - 1]

    @always_comb
    def use():
        if seen.full:
            used.next = shape.slots[SLOT_BITS:]
        else:
            used.next = seen.following[SLOT_BITS:]

    @always(clk.posedge)
    def slots():
        if run:
            seen.following.next = position + seen.count
            behind.next = slot + seen.count
            closing.next = slot + seen.last
            if seen.full:
                seen.filled.next = shape.slots[SLOT_BITS:]
                seen.spare.next = shape.spare
            else:
                seen.filled.next = position[SLOT_BITS:] + 1
                seen.spare.next = 0

    @always(clk.posedge)
    def conditions():
        if run:
            seen.capped.next = seen.full and shape.sinks != 0
            seen.renews.next = seen.full and seen.last != 0 and shape.spare == 0
            seen.next_full.next = seen.full or seen.following == shape.capacity
            seen.next_capped.next = (seen.full or seen.following == shape.capacity) and shape.sinks != 0
            if seen.full and shape.sinks != 0:
                seen.sinks.next = shape.sinks
            else:
                seen.sinks.next = 0

    @always(clk.posedge)
    def limit():
        if run:
            if behind == shape.slots:
                seen.next_slot.next = shape.sinks
            else:
                seen.next_slot.next = behind
            if whole_end < seen.end:
                seen.new_end.next = whole_end
            else:
                seen.new_end.next = seen.end
            if seen.full:
                seen.old_end.next = seen.end
            else:
                seen.old_end.next = before_end


@block
def pass_tokens(clk, run, shape, position, slot, left, share, view, config):
    """``view.full``, and three cycles after the operands ``view.count`` and ``view.last``.

    One for each row at most, those that are ``left``, the slots up to the cache's end, and those up to the end of a
    chunk; once the cache is full and has no spare slots, of a beat of parameters, or one.
    """
    most, words_log2 = min(config.rows, MOST_TOKENS), log2_of(2 * config.atoms)
    largest, chunk_end = (1 << TOKENS_LOG2) - 1, (1 << _CHUNK_BITS - TOKENS_LOG2) - 1
    words, whole_beat = 1 << words_log2, min(1 << words_log2, largest)
    chunk_log2 = Signal(intbv(0)[5:])
    above = Signal(intbv(0)[_CHUNK_BITS:])
    within = Signal(intbv(0)[_CHUNK_BITS:])  # the slot in its chunk, with ones above
    room, room_behind = Signal(modbv(0)[32:]), Signal(modbv(0)[SLOT_BITS:])
    filled_room = Signal(intbv(0)[32:])
    within_beat, replaces = Signal(intbv(0)[words_log2:]), Signal(bool(0))
    by_left, by_room, by_chunk, both = (Signal(intbv(0)[TOKENS_LOG2:]) for _ in range(4))
    tokens = Signal(intbv(0)[TOKENS_LOG2:])

    @always_comb
    def size():
        chunk_log2.next = shape.chunk_log2 + share.log2

    @always_comb
    def look_up():
        above.next = _ABOVE[int(chunk_log2)]

    @always(clk.posedge)
    def measure():
        if run:
            view.full.next = position >= shape.capacity
            room.next = shape.capacity - position
            room_behind.next = shape.slots[SLOT_BITS:] - slot
            within_beat.next = slot[words_log2:]
            within.next = slot[_CHUNK_BITS:] | above
            replaces.next = position >= shape.capacity and shape.spare == 0

    @always_comb
    def choose_room():
        if view.full:
            filled_room.next = room_behind
        else:
            filled_room.next = room

    @always(clk.posedge)
    def saturate():
        if run:
            if left >= most:
                by_left.next = most
            else:
                by_left.next = left[TOKENS_LOG2:]
            if filled_room[:TOKENS_LOG2] != 0:
                by_room.next = largest
            else:
                by_room.next = filled_room[TOKENS_LOG2:]
            if replaces and not shape.renews:
                by_chunk.next = 1
            elif replaces and within_beat == 0:
                by_chunk.next = whole_beat
            elif replaces:
                by_chunk.next = words - within_beat
            elif within[:TOKENS_LOG2] != chunk_end or within[TOKENS_LOG2:] == 0:
                by_chunk.next = largest
            else:
                by_chunk.next = largest - within[TOKENS_LOG2:] + 1

    @always_comb
    def smaller():
        if by_room < by_chunk:
            both.next = by_room
        else:
            both.next = by_chunk

    @always_comb
    def least():
        if by_left < both:
            tokens.next = by_left
        else:
            tokens.next = both

    @always(clk.posedge)
    def count():
        if run:
            view.count.next = tokens
            view.last.next = tokens - 1


@block
def lane_turn(clk, run, slot, share, turn, block_log2):
    """``turn.turn``: how often the token blocks before ``slot`` have gone round a head's lanes. ``turn.inner``:
    ``slot`` is not in the first lane's block of its turn. A cycle after ``slot``."""
    mask_end = block_log2 + len(share.mask)

    @always(clk.posedge)
    def divide():
        if run:
            turn.turn.next = slot[:block_log2] >> share.log2
            turn.inner.next = (slot[mask_end:block_log2] & share.mask) != 0


@block
def positions_end(clk, run, slot, turn, end):
    """``end``: positions in use on a head's first lane when the slots before ``slot``, of ``turn``, are in use; a cycle
    after ``turn``."""
    block_log2 = PLACE_BITS - len(turn.turn)
    whole = Signal(modbv(0)[len(turn.turn) :])

    @always_comb
    def round_up():
        whole.next = turn.turn + 1

    @always(clk.posedge)
    def place():
        if run:
            if turn.inner:
                end.next = concat(whole, intbv(0)[block_log2:])
            else:
                end.next = concat(turn.turn, slot[block_log2:])


@block
def new_places(clk, run, slot, closing, first, last, view, end, words_log2):
    """``view.place`` and ``view.new`` of tokens from ``slot``, of turn ``first``, to ``closing``, of turn ``last``.
    ``end`` is ``new_end`` as if all positions were in use. A cycle after these.

    If tokens lie in two blocks these are of one turn, and then all of the turn is new, or of two turns.
    """
    block_log2 = PLACE_BITS - len(first.turn)
    beats_log2 = block_log2 - words_log2  # of a block's parameters
    crossing, same = Signal(bool(0)), Signal(bool(0))
    beat = Signal(intbv(0)[beats_log2:])
    behind = Signal(modbv(0)[PLACE_BITS - words_log2 :])
    block_beats = (1 << beats_log2) - 1

    @always_comb
    def compare():
        crossing.next = slot[block_log2] != closing[block_log2]
        same.next = first.turn == last.turn

    @always_comb
    def find_beat():
        if crossing and same:
            beat.next = block_beats
        else:
            beat.next = closing[block_log2:words_log2]

    @always_comb
    def round_up():
        behind.next = concat(last.turn, beat) + 1

    @always(clk.posedge)
    def place():
        if run:
            view.place.next = concat(first.turn, slot[block_log2:])
            view.turn.next = concat(first.turn, intbv(0)[block_log2:])
            if crossing:
                view.new.next = concat(first.turn, intbv(0)[block_log2:])
            else:
                view.new.next = concat(first.turn, slot[block_log2:words_log2], intbv(0)[words_log2:])
            end.next = concat(behind, intbv(0)[words_log2:])
