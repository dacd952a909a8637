"""The resolver's second part: whether an instruction is executed, and which piece of the cache it covers."""

from myhdl import Signal, always_comb, block, concat, intbv

from golden.units.cache_view import MARKS
from golden.units.resolve import WHEN
from myhdl_acc.hdl.record import Record, bits, view
from myhdl_acc.rtl.control.cache_view import PLACE_BITS, log2_of
from myhdl_acc.rtl.control.isa import COMMON, FIELDS, RESIDENT
from myhdl_acc.rtl.control.resolve_fields import CODE, ENGINE, EXECUTED_BITS, VECTOR, code
from myhdl_acc.rtl.control.select import select_of

#: What an instruction makes of its piece's length. ``other``: those of the vector unit but angle and logits.
USES = ("meta", "qk", "pv", "scores", "values", "other")
TOKEN_BITS = 20  #: of a token whose embedding is read
_META, _QK = code("engine", "meta"), code("engine", "qk")
_EMBED, _ANGLE, _LOGITS_OP = (code("vector", op) for op in ("embed", "angle", "logits"))
_SCORES, _VALUES = code("vector", "scores"), code("vector", "values")
_RESIDENT = ("when", "until", "start", "limit")
_PLACES = {
    "code": CODE, "unit": COMMON["unit"], "vector_row": FIELDS["vector"]["row"],
    **{name: FIELDS["engine"][name] for name in ("row", "stride", *_RESIDENT)},
}  # fmt: skip
_OLD_END = MARKS.index("old_end")
_LOGITS, _LOGITS_CAPPED = WHEN.index("logits"), WHEN.index("logits_capped")


def bound_bits(config):
    """Bits of a piece's bound before it is compared with what is in use."""
    return max(PLACE_BITS, RESIDENT["start"][1] + log2_of(16 * config.atoms))


def piece_record(config):
    """In every cycle that is ``valid`` the ``word`` of an instruction, or one that is ``dropped``. It is of a ``piece``
    of the cache, positions ``first`` to ``stop`` − 1 behind ``start``, of ``old`` tokens (until old_end). It is for the
    token that ``follows`` the pass. ``token``: that of an engine's row, or of a piece its first token block. Of a piece
    it is one of USES, for the ``engine`` or the ``vector`` unit."""
    bounds = dict.fromkeys(("start", "first", "stop"), bound_bits(config))
    kinds = dict.fromkeys((*USES, "engine", "vector"), 1)
    return Record(
        valid=1, word=EXECUTED_BITS, dropped=1, piece=1, old=1, follows=1, **kinds, **bounds, token=TOKEN_BITS
    )


@block
def resolve_piece(clk, rst, sink, source, now, config):
    """sink: marked_record; source: piece_record. ``now``: see resolve. Latency 1, a word per cycle."""
    block_log2 = log2_of(16 * config.atoms)
    new, found = view(sink.word, _PLACES), source.like()
    is_engine, numbered = Signal(bool(0)), Signal(bool(0))
    holding = Signal(intbv(0)[len(WHEN) :])
    row = Signal(intbv(0)[len(new.row) :])
    start, bound = (Signal(intbv(0)[bound_bits(config) :]) for _ in range(2))
    token = Signal(intbv(0)[TOKEN_BITS:])
    select_of(code=new.row, words=[bits(one, 0, len(token)) for one in now.tokens], q=token)
    uses(new=new, found=found)

    @always_comb
    def enter():
        found.valid.next = sink.valid

    @always_comb
    def decode():
        is_engine.next = new.unit == ENGINE
        holding.next = now.holds >> new.when
        start.next = concat(new.start, intbv(0)[block_log2:])
        bound.next = concat(new.limit, intbv(0)[block_log2:])

    @always_comb
    def number():
        if is_engine:
            row.next = new.row
            numbered.next = new.stride != 0
        else:
            row.next = new.vector_row
            numbered.next = new.code == _EMBED or new.code == _ANGLE

    @always_comb
    def judge():
        found.dropped.next = not holding[0] or (numbered and row > now.last)
        found.piece.next = new.until != 0
        found.old.next = new.until == _OLD_END
        found.follows.next = new.when == _LOGITS or new.when == _LOGITS_CAPPED

    @always_comb
    def cut():
        found.start.next = start
        if start < sink.lower:
            found.first.next = sink.lower
        else:
            found.first.next = start
        if new.limit != 0 and bound < sink.upper:
            found.stop.next = bound
        else:
            found.stop.next = sink.upper

    @always_comb
    def write():
        found.word.next = sink.word[EXECUTED_BITS:]

    @always_comb
    def address():
        if is_engine and new.until != 0:
            found.token.next = found.first[:block_log2]
        elif is_engine:
            found.token.next = token
        else:
            found.token.next = 0

    found.delay(1, reset=("valid",)) >> source


@block
def uses(new, found):
    """Which of USES an instruction is: here, as much depends on it in the next part."""

    @always_comb
    def owner():
        found.engine.next = new.until != 0 and new.unit == ENGINE
        found.vector.next = new.until != 0 and new.unit == VECTOR and new.code != _ANGLE and new.code != _LOGITS_OP

    @always_comb
    def engine():
        found.meta.next = found.engine and new.code == _META
        found.qk.next = found.engine and new.code == _QK
        found.pv.next = found.engine and new.code != _META and new.code != _QK

    @always_comb
    def vector():
        found.scores.next = found.vector and new.code == _SCORES
        found.values.next = found.vector and new.code == _VALUES
        found.other.next = found.vector and new.code != _SCORES and new.code != _VALUES
