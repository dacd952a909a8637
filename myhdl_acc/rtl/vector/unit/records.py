"""What the blocks of the vector unit tell each other, as records."""

from myhdl import intbv, modbv

from myhdl_acc.hdl.record import Array, Record, signed, view
from myhdl_acc.rtl.vector.arith.scale import scale
from myhdl_acc.rtl.vector.unit.flags import COLUMN_FLAGS, FLAGS, STATISTIC_FLAGS, flag_widths

#: Bits of what the butterfly carries: sums of squares of 2^13 elements, and every other sum and maximum.
REDUCTION_BITS = 49
#: ``reduce``: what goes into the butterfly.
HIGH, SECOND, TOTAL, SUM = range(4)
#: ``scalar_source``: of which peak the quantiser's step is made; the last one is the largest of all rows'.
ROW_PEAK, SEGMENT_PEAK, SHARED_PEAK = range(3)
#: Bits of the number of a head's index in a column, and how many indices a head may have.
HEAD_BITS = 8
LONGEST_HEAD = 1 << HEAD_BITS
#: Bits of the places of the weights' step: a scale's exponent.
PLACES_BITS = 10

#: Fields of a parameter word: name → (first bit, width).
PARAMETER_FIELDS = {"mantissa": (0, 16), "exponent": (16, 8), "zero": (24, 8)}


def parameter_fields(word, *names):
    """These fields of a parameter word, the exponent with its bias (docs/accelerator.md)."""
    return view(word, PARAMETER_FIELDS, like=Record(mantissa=16, exponent=8, zero=signed(8)).only(*names))


def address_bits(config):
    """Bits of the number of a column's word."""
    return (config.vector_depth - 1).bit_length()


def row_control(config):
    """Broadcast to all rows: what joins the columns, what the row keeps of it, the head table, the table of angles."""
    return Record(
        join=join(),
        capture=row_captures(),
        scalar_source=2,
        eps=48,
        constant=scale(),
        use_table=1,
        by_length=1,
        table=table_writes(),
        angle=angle(config),
        row=4,
        from_row=1,
        filled=32,
        cut=1,
        own=1,
        spare=4,
        wrap=1,
        alone=4,
        new=16,
        sinks=16,
    )


def join():
    """The butterfly's kind: the ``maximum`` instead of the sum; which columns it joins."""
    return Record(first_stage=3, maximum=1)


def row_captures():
    """What the butterfly shows, and with ``step`` that the activations have a new one, ``scaled`` by the norm's factor;
    ``first``: the peak of the operations before does not count."""
    return Record(peak=1, first=1, total=1, high=1, step=1, scaled=1)


def table_writes():
    """``scales`` and ``sum`` are written to the head table, of ``written``: those of a peak, of a range, or the norm of
    squares; ``entry``: what is read."""
    return Record(entry=8, written=8, scales=1, sum=1, from_range=1, from_squares=1)


def angle(config):
    """``write``: the angle of ``pair`` goes to ``written``; ``read``: the index whose angle is taken with its issue."""
    number, index = max(1, (pairs(config.lanes) - 1).bit_length()), angle_bits(config)
    pair = intbv(0)[number:]  # a number, even of one bit
    return Record(write=1, pair=pair, written=index, read=index, cosine=signed(18), sine=signed(18))


def pairs(lanes):
    """Rotations in a row: one for two neighbouring columns, or for the only one."""
    return max(1, lanes // 2)


def angle_bits(config):
    """Address bits of a pair of columns' rotation table: the indices of the longest head, twice (near and far)."""
    return max(2, (2 * 16 * config.atoms // config.lanes - 1).bit_length())


# To the columns


def column_control(config):
    """Broadcast to all columns.

    An index begins when its result word is taken (``take``); in the next cycle ``issue`` reads the memories at
    ``address`` and ``value_address``. ``commit`` comes its latency and one cycle after take, when the operation's value
    is there, with its ``token``, see live_token. It goes into the ``statistics``, which begin anew with ``fresh``, and
    two cycles later to ``destination``. ``reduce``, a cycle ahead of all else as each column has a register for it:
    what goes into the butterfly. ``capture``: the butterfly shows what the column has to keep. ``shift``: the columns'
    registers move towards column 0.
    """
    bits = address_bits(config)
    return Record(
        take=1,
        issue=1,
        address=bits,
        value_address=bits - 1,
        commit=1,
        token=token(),
        fresh=1,
        destination=bits,
        value_destination=bits - 1,
        flags=Record(**flag_widths(COLUMN_FLAGS)),
        statistics=Record(**flag_widths(STATISTIC_FLAGS)),
        reduce=2,
        capture=captures(),
        shift=shifts(),
    )


def token():
    """Of an index: its token's ``slot``, as if its lane were the first of its head; which slots the
    operation is for: all (``part`` 0), those from ``sinks`` on (1), those below (2), with ``cut`` without left_out();
    columns of a head lie 2^heads_log2 apart."""
    return Record(slot=32, sinks=16, part=2, cut=1, heads_log2=4)


def left_out():
    """Slots that a row does not meet: ``count`` from ``first`` on, modulo 2^16; those that are no sinks below
    ``wrapped``."""
    return Record(first=modbv(0)[16:], count=6, wrapped=17)


def captures():
    """What the butterfly shows in this cycle."""
    return Record(largest=1, bound=1, total=1, correction=1)


def shifts():
    """What moves: ``word`` and ``statistic`` towards column 0; a ``query`` or a scale of ``mixed`` values to the
    columns of ``head``."""
    return Record(word=1, statistic=1, query=1, mixed=1, head=modbv(0)[5:])


def row_scales():
    """What all columns of a row share: the activations' ``step`` A, the ``norm``'s inverse and places for the unit and
    its gain's places, the quantiser's ``inverse`` and ``zero`` point, the number of slots that hold a token
    (``limit``), which of them are ``left_out``, whether the row takes part (``enabled``); what arrives for the columns
    of a head (``entering``)."""
    return Record(
        step=scale(),
        norm=Record(inverse=17, places=signed(7), gain=signed(6)),
        inverse=scale(),
        zero=signed(8),
        limit=32,
        left_out=left_out(),
        enabled=1,
        entering=entering(),
    )


def entering():
    """The scale and sum of a head's ``query``, the scale of its ``mixed`` values."""
    return Record(query=query(), mixed=scale())


def operands(config):
    """What a column has for an index: the word of its memory, a value's parameter, its lane's result."""
    return Record(x=signed(32), value=32, **result(config).members())


def kept():
    """What a column keeps for the passes after: the ``reference`` of the head's softmax and how many ``places`` its
    weights' step has, both of golden softmax_reference; its weights times their zero points; what entered last."""
    return Record(reference=signed(33), places=signed(PLACES_BITS), correction=signed(32), **entering().members())


# Between the columns, and out of them


def result(config):
    """A lane's result word of a row: its ``sum`` and its ``parameter``."""
    return Record(sum=signed(config.acc_bits), parameter=32)


def held():
    """What a column hands on to the one before it: a ``word`` of 32 levels, the latest on top; its ``statistic``."""
    return Record(word=256, statistic=statistic())


def statistic():
    """The total of the numerators, and the places of the weights' step."""
    return Record(total=40, places=signed(PLACES_BITS))


def query():
    """Its scale, with the constant of the scores in it, and the sum of its levels."""
    return Record(scale=scale(), sum=signed(17))


def into_row():
    """What a column gives to what joins the columns: the ``operand`` to be rotated, ``reduction`` to the butterfly."""
    return Record(operand=signed(32), reduction=signed(REDUCTION_BITS))


def from_row():
    """What comes back."""
    return Record(rotated=signed(32), reduced=signed(REDUCTION_BITS))


def given():
    """What leaves a column, to be looked at with ``commit``: the quantiser's ``level``, the requantiser's ``value``."""
    return Record(level=signed(8), value=signed(32))


def from_column():
    """What leaves a row at a column: its level and value, and its last 16 levels."""
    return Record(**given().members(), top=128)


# Within a row


def made_scales():
    """What is made of statistics all the time: of a peak the ``step`` with its inverse, the ``drop`` for its squares,
    at once and (``late_drop``) with the step, and the ``lift``; of a ``range``; of squares (``norm``)."""
    return Record(
        step=scale(),
        inverse=scale(),
        drop=4,
        late_drop=4,
        lift=5,
        range=Record(step=scale(), inverse=scale(), zero=signed(8)),
        norm=Record(inverse=17, places=signed(7)),
    )


def head_scales():
    """Of a head in the table: its quantiser's ``inverse`` and ``zero`` point; ``drop`` and ``norm`` lie in the same
    bits."""
    return Record(inverse=scale(), zero=signed(8), drop=4, norm=Record(inverse=17, places=signed(7)))


# Of the instruction in progress


def instruction():
    """The fields that it has (isa.py), its ``flags``, its ``latency`` in a column and the cycles to ``prepare``."""
    return Record(
        op=5,
        first=1,
        last=1,
        cut=1,
        own=1,
        spare=4,
        wrap=1,
        alone=4,
        post=1,
        part=2,
        bank=1,
        shared=1,
        scaled=1,
        heads_log2=4,
        heads=8,
        row=4,
        src=16,
        dst=16,
        count=16,
        dims=16,
        entry=8,
        stride=16,
        new=16,
        value_src=16,
        filled=32,
        sinks=16,
        eps=48,
        exponent=signed(10),
        mantissa=16,
        position=32,
        increment=48,
        pair=16,
        address=32,
        flags=Record(**flag_widths(FLAGS)),
        latency=6,
        prepare=7,
    )


def index():
    """The index that is issued now, if ``issue`` is high: the ``address`` of its word, its ``token`` in the
    instruction, its place ``in_head`` and the head's ``entry``; whether it begins a statistic (``fresh``) or ends a
    head's (``end``). ``none_left``: it is not; ``block_end``: 32 of a gather are issued."""
    return Record(issue=1, address=16, token=16, in_head=HEAD_BITS, entry=8, fresh=1, end=1, none_left=1, block_end=1)


def arrival():
    """An index whose value is there in the next cycle (``commit``), with its ``fresh`` and ``end``, its token's
    ``slot`` and its ``destination``; only one is on its way (``last``); all values have been there (``none``)."""
    return Record(commit=1, fresh=1, end=1, slot=32, destination=16, last=1, none=1)


# To the lanes and to the activation buffer


def lane_orders():
    """``push_half`` hands the columns' last 16 levels over as weights; ``keep_token``: the search is over;
    ``logits``: see there."""
    return Record(push_half=1, keep_token=1, logits=logits_control())


def logits_control():
    """To the lanes' logits: ``commit`` takes the rows' values as elements ``index`` of their lanes and row ``row``'s
    for the beats, ``pad`` fills a beat, ``clear`` begins a new search, ``start`` a new place to write to, ``address``.
    With ``partial`` only the first ``heads`` lanes' elements count."""
    return Record(commit=1, pad=1, clear=1, start=1, partial=1, row=4, heads=8, index=32, address=32)


def sampling(config):
    """Of each row: ``temperatures``, with 12 fraction bits, and ``seeds``, which are registers; the ``positions`` of
    its token in this pass."""
    widths = {"temperatures": 16, "seeds": 64, "positions": 32}
    return Record(
        **{
            name: Array("row", [Record(value=width).value for _ in range(config.rows)])
            for name, width in widths.items()
        }
    )


def draw(config):
    """To the lanes, if tokens are drawn (``enabled``): with ``begin`` the element ``index`` of ``row`` gets its noise;
    ``keys``: of the cipher's rounds in this cycle. ``found``: that of a begin before has its score now, if
    ``valid``."""
    row = intbv(0)[max(1, (config.rows - 1).bit_length()) :]
    found = Record(valid=1, row=row, index=32, partial=1, heads=8)
    return Record(enabled=1, begin=1, row=row, index=32, keys=128, temperature=16, found=found)


def lane_readiness():
    """What the lanes have room for: another slice of weights, another beat of logits."""
    return Record(room_for_weights=1, room_for_logits=1)


def activation_write():
    """``write`` stores the columns' levels, or with ``gather`` part ``chunk`` of column 0's word, as group ``index`` of
    the activation buffer: every row its own, or all rows with ``shared`` that of ``row``, whose words alone move on."""
    return Record(write=1, index=16, gather=1, chunk=5, shared=1, row=4)


def said():
    """``post``: to the load unit's semaphore; ``idle``: nothing to do; ``busy_op``: else the op code + 1."""
    return Record(post=1, idle=1, busy_op=6)
