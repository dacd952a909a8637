"""Sixteen int8×int4 products for each of two rows: the engine's one multiplier array."""

from myhdl import Signal, always, always_comb, block, concat, intbv

from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.record import Record, bits, signed
from myhdl_acc.rtl.engine.adder_tree import adder_tree

#: Bits of an atom's dot product before the scale, in every mode.
SUM_BITS = 18
#: Bits of a field in a multiplier's product, the middle one of which is a sum of two products.
FIELD = 13
#: Cycles from ``factors`` to ``dot0``/``dot1``; from ``factors`` to the use of ``wide`` and of ``scale``.
LATENCY, WIDE_DELAY, SCALE_DELAY = 7, 4, 5
DOT_BITS = SUM_BITS + 8


@entity(outputs=("shadow", "dot0", "dot1"))
def atom_dot(clk, load, load_data, swap, factors, positions, wide, scale, shadow, dot0, dot1):
    """``dot_r`` = scale · Σ_s factor_s · activation_r[4·(s div 2) + position_s]; a result every cycle, latency 7.

    The stationary slice: ``load`` shifts ``load_data`` (2 rows × 32 int8, row 0 low) into ``shadow``; ``swap`` copies
    ``shadow`` to the active slice, which factors presented *one cycle later* meet. ``wide``: the odd slots count
    16-fold (w8's high digits). ``wide`` and ``scale`` (u8) must arrive WIDE_DELAY and SCALE_DELAY cycles after their
    factors. ``dot0``, ``dot1``: signed 26 bits, exact: |Σ| ≤ 8·128·(8 + 16·7) = 122,880 < 2^17 with ``wide``
    (atom_decoder lets no high digit of −8 through), else ≤ 16·128·8. One multiplier adds up two products of a row, see
    slot_pair; the scales take one for each row. No back-pressure, no reset: validity travels beside.
    """
    active = Signal(intbv(0)[512:])
    sums = [[Signal(signed(SUM_BITS - 3)) for _ in range(2)] for _ in range(2)]
    for parity in range(2):
        fields = [[Signal(intbv(0)[FIELD + 1 :]) for _ in range(4)] for _ in range(2)]
        offsets = [Signal(signed(4)) for _ in range(4)]
        for n in range(4):
            first, second = (slot(factors, positions, active, 4 * n + parity + place) for place in (0, 2))
            slot_pair(first=first, second=second, offset=offsets[n], field0=fields[0][n], field1=fields[1][n])
        parity_sums(offsets=offsets, fields=fields, sum0=sums[0][parity], sum1=sums[1][parity])
    row0, row1 = Signal(signed(SUM_BITS)), Signal(signed(SUM_BITS))
    total(clk, wide, *sums[0], row0)
    total(clk, wide, *sums[1], row1)

    @always(clk.posedge)
    def stationary():
        if load:
            shadow.next = load_data
        if swap:
            active.next = shadow

    scale_product(clk, row0, scale, dot0)
    scale_product(clk, row1, scale, dot1)


def slot(factors, positions, active, number):
    """A slot's factor, its position, and for both rows the quad of activations that the position chooses from."""
    quads = {f"quad{row}": bits(active, 256 * row + 32 * (number // 2), 32) for row in range(2)}
    return Record(factor=bits(factors, 4 * number, 4), position=bits(positions, 2 * number, 2), **quads)


@block
def slot_pair(clk, first, second, offset, field0, field1):
    """Two slots: ``field_r`` / 2, rounded up, is row r's w0·a0 + w1·(a1 + 128), latency 2; ``offset`` is w1, latency 1.

    (w0 + w1·2^13) · ((a1 + 128) + a0·2^13) has this sum as the second of its fields. The first, w0·(a1 + 128), lies in
    −2040…1785; its sign, which is bit 0 of ``field_r``, says whether it borrowed one. a1 + 128 is a1 with its sign
    inverted and never negative, so the activations need no adder to stand side by side.
    """
    weights = Signal(signed(FIELD + 5))
    pair_row(weights=weights, first=row_of(first, 0), second=row_of(second, 0), field=field0)
    pair_row(weights=weights, first=row_of(first, 1), second=row_of(second, 1), field=field1)

    @always(clk.posedge)
    def hold():
        weights.next = (second.factor.signed() << FIELD) + first.factor.signed()
        offset.next = second.factor.signed()


def row_of(slot, row):
    """A slot as one of the rows has it."""
    return Record(position=slot.position, quad=getattr(slot, f"quad{row}"))


@block
def pair_row(clk, weights, first, second, field):
    """A row's part of slot_pair: selects one of four activations for each of the slots and multiplies."""
    low, high = Signal(intbv(0)[32:]), Signal(intbv(0)[32:])
    raised = Signal(intbv(0)[8:])
    packed = Signal(signed(FIELD + 8))
    product = Signal(signed(2 * FIELD + 13))
    spare = FIELD - 8

    @always_comb
    def select():
        # A shift by whole bytes is the 4:1 multiplexer that a chain of ifs is, and simulates twice as fast.
        low.next = first.quad >> concat(first.position, "000")
        high.next = second.quad >> concat(second.position, "000")

    @always_comb
    def multiply():
        raised.next = high[8:] ^ 128
        product.next = weights * packed

    @always(clk.posedge)
    def register():
        packed.next = concat(low[8:], intbv(0)[spare:], raised).signed()
        field.next = product[2 * FIELD : FIELD - 1]


@block
def parity_sums(clk, offsets, fields, sum0, sum1):
    """Σ of four pairs of slots for both rows without the 128 of ``offsets``; latency 2 from ``fields``."""
    offset_sum, correction, late_correction = (Signal(signed(7)) for _ in range(3))
    adder_tree(offsets, offset_sum)

    @always(clk.posedge)
    def correct():
        correction.next = -offset_sum
        late_correction.next = correction

    row_sum(clk, *fields[0], late_correction, sum0)
    row_sum(clk, *fields[1], late_correction, sum1)


@block
def row_sum(clk, a, b, c, d, correction, result):
    """Σ (field + 1) div 2 of four fields, and 128 · ``correction``, which comes a cycle after them; latency 2.

    What the fields have borrowed comes in as carries: as a bit below two terms, and below ``correction``.
    """
    a_term, b_term, c_term, d_term = (Signal(signed(FIELD + 1)) for _ in range(4))
    low, high = Signal(signed(FIELD + 1)), Signal(signed(FIELD + 1))
    low_twice, high_twice, low_term, high_term = (Signal(signed(FIELD + 2)) for _ in range(4))
    all_twice, every, correction_term = Signal(signed(FIELD + 3)), Signal(signed(FIELD + 2)), Signal(signed(FIELD + 1))
    late_b, late_d = Signal(bool(0)), Signal(bool(0))

    @always_comb
    def terms():
        a_term.next = a.signed()
        b_term.next = concat(b[FIELD + 1 : 1], a[0]).signed()
        c_term.next = c.signed()
        d_term.next = concat(d[FIELD + 1 : 1], c[0]).signed()
        low_term.next = concat(low[FIELD + 1 :], late_b).signed()
        high_term.next = concat(high[FIELD + 1 :], late_b).signed()
        correction_term.next = concat(correction[7:], "000000", late_d).signed()

    @always_comb
    def add():
        low_twice.next = a_term + b_term
        high_twice.next = c_term + d_term
        all_twice.next = low_term + high_term

    @always_comb
    def halve():
        every.next = all_twice >> 1

    @always(clk.posedge)
    def register():
        low.next = low_twice >> 1
        high.next = high_twice >> 1
        late_b.next = b[0]
        late_d.next = d[0]
        result.next = every + correction_term


@block
def total(clk, wide, even, odd, result):
    """``even`` + ``odd``, or 16 times ``odd`` if ``wide``."""

    @always(clk.posedge)
    def add():
        if wide:
            result.next = even + (odd << 4)
        else:
            result.next = even + odd


@block
def scale_product(clk, value, scale, product):
    """``product`` = ``value`` · ``scale`` (u8), latency 2; one DSP48E2 with a register behind its multiplier."""
    held = Signal(signed(len(product)))

    @always(clk.posedge)
    def multiply():
        held.next = value * scale
        product.next = held
