"""From the resident program's instructions to those that the units execute in this pass, in this layer."""

from myhdl import always_comb, modbv

from golden.units.resolve import WHEN
from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.record import Array, Record
from myhdl_acc.hdl.wiring import unused
from myhdl_acc.rtl.control.cache_view import SLOT_BITS, TOKENS_LOG2, cache_shape, view_record
from myhdl_acc.rtl.control.resolve_beats import resolve_beats
from myhdl_acc.rtl.control.resolve_piece import piece_stream, resolve_piece
from myhdl_acc.rtl.control.resolve_sums import resolve_sums, summed_stream
from myhdl_acc.rtl.control.resolve_terms import resolve_terms, terms_stream

LATENCY = 4  #: cycles, one in each part


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
def resolve(clk, rst, sink, source, offset, new_pass, now, idle, config):
    """Give the units' instructions of ``sink`` (Stream(word=256)) to ``source`` as they are executed: golden Resolver.

    Instructions with nothing to do in this pass are dropped; of the others the fields that only the resolver needs
    are 0. ``now`` (pass_record) stays as it is while the pass's instructions are inside. ``offset`` (32 bits), beats
    from the first layer of a loop to this one, is taken with the word. ``new_pass`` pulses before a pass's first word,
    or with it. ``idle``: nothing is inside.

    Unit ``control`` never comes. An embedding (``stride``) is of no piece of the cache, and its token has at most
    resolve_piece.TOKEN_BITS bits. Sums are modulo 2^32. LATENCY cycles, a word per cycle, kept or dropped; ``source``
    may stall.
    """
    unused(now.shape.renews, now.view.renews, now.shape.slots, now.shape.spare)
    unused(now.shape.sinks, now.shape.chunk_log2, now.view.next_capped, now.view.next_slot)
    pieces, terms, summed = piece_stream(config), terms_stream(config), summed_stream(config)
    resolve_piece(sink=sink, source=pieces, offset=offset, now=now, config=config)
    resolve_terms(sink=pieces, source=terms, now=now, config=config)
    # Whether there is room does not come all the way from the units' queues in one cycle.
    waiting = terms.s2m_pipe()
    resolve_sums(sink=waiting, source=summed, new_pass=new_pass, now=now, config=config)
    resolve_beats(sink=summed, source=source)

    @always_comb
    def observe():
        idle.next = not (pieces.valid or waiting.valid or summed.valid or source.valid)
