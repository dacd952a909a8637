"""From the resident program's instructions to those that the units execute in this pass, in this layer."""

from myhdl import Signal, always_comb, always_seq, block, intbv, modbv

from golden.units.resolve import WHEN
from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.record import Array, Record
from myhdl_acc.hdl.stream import Stream
from myhdl_acc.hdl.wiring import unused
from myhdl_acc.rtl.control.cache_view import SLOT_BITS, TOKENS_LOG2, cache_shape, view_record
from myhdl_acc.rtl.control.resolve_beats import resolve_beats
from myhdl_acc.rtl.control.resolve_fields import EXECUTED_BITS
from myhdl_acc.rtl.control.resolve_marks import marked_record, resolve_marks
from myhdl_acc.rtl.control.resolve_piece import piece_record, resolve_piece
from myhdl_acc.rtl.control.resolve_sums import resolve_sums, summed_record
from myhdl_acc.rtl.control.resolve_terms import resolve_terms, terms_record

LATENCY = 6  #: cycles, one in each part and in the queue behind them
_DEPTH = 8  #: words inside at a time: enough for one per cycle


def pass_record(config):
    """What all instructions of a pass depend on. The cache's ``shape``, the pass's ``view`` of it, the ``first`` row
    that chooses a token, what ``holds`` (a bit for each of golden's WHEN). ``position`` and ``slot`` of its first
    token, the ``tokens`` by row, ``last`` row with one. In a ``batch`` each row is of a sequence of its own; ``view``,
    ``holds``, ``position`` and ``slot`` are of the one at hand.
    ``logits_offset``: beats from the ``address`` of logits to where this pass's go."""
    return Record(
        shape=cache_shape(), view=view_record(), first=TOKENS_LOG2, last=modbv(0)[TOKENS_LOG2:], batch=1,
        holds=len(WHEN), position=32, slot=SLOT_BITS, logits_offset=32,
        tokens=Array("row", [Record(word=32).word for _ in range(config.rows)]),
    )  # fmt: skip


@entity(outputs=("idle",))
def resolve(clk, rst, sink, source, offset, now, idle, config):
    """Give the units' instructions of ``sink`` (Stream(word=256)) to ``source`` as they are executed: golden Resolver.

    Instructions with nothing to do in this pass are dropped; of the others the fields that only the resolver needs
    are 0. ``now`` (pass_record) stays as it is while the pass's instructions are inside. ``offset`` (32 bits), beats
    from the first layer of a loop to this one, is taken with the word. ``idle``: nothing is inside.

    Unit ``control`` never comes. An embedding (``stride``) is of no piece of the cache, and its token has at most
    resolve_piece.TOKEN_BITS bits. Sums are modulo 2^32. LATENCY cycles, a word per cycle, kept or dropped; ``source``
    may stall.
    """
    unused(now.shape.renews, now.view.renews, now.shape.slots, now.shape.spare)
    unused(now.shape.sinks, now.shape.chunk_log2, now.view.next_capped, now.view.next_slot)
    begun, resolved = Record(valid=1, word=len(sink.word)), Record(valid=1, word=EXECUTED_BITS)
    marked, pieces = marked_record(), piece_record(config)
    terms, summed = terms_record(config), summed_record(config)
    queue, dropped = Stream(word=EXECUTED_BITS), Signal(bool(0))
    held = Signal(intbv(0, min=0, max=_DEPTH + 1))
    resolve_marks(sink=begun, source=marked, offset=offset, now=now)
    resolve_piece(sink=marked, source=pieces, now=now, config=config)
    resolve_terms(sink=pieces, source=terms, now=now, config=config)
    resolve_sums(sink=terms, source=summed, now=now, config=config)
    resolve_beats(sink=summed, source=resolved)
    # No part waits for the next one: only as many words come in as the queue behind the parts has room for.
    unused(queue.ready)
    queued = queue.fifo(_DEPTH)
    account(begun=begun.valid, dropped=dropped, left=queued.fire(), held=held)
    waiting = queued.s2m_pipe()  # whether a unit's queue has room is known late

    @always_comb
    def accept():
        sink.ready.next = held < _DEPTH
        begun.valid.next = sink.valid and held < _DEPTH
        begun.word.next = sink.word

    @always_comb
    def keep():
        queue.valid.next = resolved.valid
        queue.word.next = resolved.word
        dropped.next = terms.valid and terms.dropped

    @always_comb
    def give():
        source.valid.next = waiting.valid
        source.word.next = waiting.word
        waiting.ready.next = source.ready
        idle.next = held == 0 and not waiting.valid


@block
def account(clk, rst, begun, dropped, left, held):
    """How many words are ``held``: of those that have ``begun`` all but the ones ``dropped`` and those that have
    ``left``."""
    one, two = (Signal(bool(0)) for _ in range(2))

    @always_comb
    def ends():
        one.next = dropped != left
        two.next = dropped and left

    @always_seq(clk.posedge, reset=rst)
    def step():
        if begun and not one and not two:
            held.next = held + 1
        elif (begun and two) or (one and not begun):
            held.next = held - 1
        elif two:
            held.next = held - 2
