"""Sixteen int8×int4 products for each of one or two rows: the engine's one multiplier array."""

from myhdl import Signal, always, always_comb, block, concat, intbv

from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.record import Array, Record, bits, signed
from myhdl_acc.rtl.engine.adder_tree import adder_tree

#: Bits of an atom's dot product before the scale, in every mode.
SUM_BITS = 18
#: Bits of a field in a multiplier's product, the middle one of which is a sum of two products.
FIELD = 13
#: Cycles from ``factors`` to ``dots``; from ``factors`` to the use of ``wide`` and of ``scale``.
LATENCY, WIDE_DELAY, SCALE_DELAY = 7, 4, 5
DOT_BITS = SUM_BITS + 8


@entity(outputs=("shadow", "dots"))
def atom_dot(clk, load, load_data, swap, factors, positions, wide, scale, shadow, dots, packed):
    """``dots[r]`` = scale · Σ_s factor_s · activation_r[4·(s div 2) + position_s]; a result every cycle, latency 7.

    The stationary slice: ``load`` shifts ``load_data`` (32 int8 of every row, row 0 low) into ``shadow``; ``swap``
    copies ``shadow`` to the active slice, which factors presented *one cycle later* meet. ``wide``: the odd slots count
    16-fold (w8's high digits). ``wide`` and ``scale`` (u8) must arrive WIDE_DELAY and SCALE_DELAY cycles after their
    factors. ``dots``: an Array of the rows', signed 26 bits, exact: |Σ| ≤ 8·128·(8 + 16·7) = 122,880 < 2^17 with
    ``wide`` (atom_decoder lets no high digit of −8 through), else ≤ 16·128·8. With ``packed`` one multiplier adds up
    two products of a row, see packed_pair, else they are logic, see logic_pair; the scales take one for each row. No
    back-pressure, no reset: validity travels beside.
    """
    rows = len(dots)
    active = Signal(intbv(0)[256 * rows :])
    sums = [[Signal(signed(SUM_BITS - 3)) for _ in range(2)] for _ in range(rows)]
    for parity in range(2):
        pairs = [[slot(factors, positions, active, 4 * n + parity + place) for place in (0, 2)] for n in range(4)]
        totals = [one[parity] for one in sums]
        (packed_sums if packed else logic_sums)(clk, pairs, totals)
    for one, dot in zip(sums, dots, strict=True):
        row = Signal(signed(SUM_BITS))
        total(clk, wide, *one, row)
        scale_product(clk, row, scale, dot)

    @always(clk.posedge)
    def stationary():
        if load:
            shadow.next = load_data
        if swap:
            active.next = shadow


def slot(factors, positions, active, number):
    """A slot's factor, its position, and each row's quad of activations that the position chooses from."""
    quads = [bits(active, 256 * row + 32 * (number // 2), 32) for row in range(len(active) // 256)]
    return Record(
        factor=bits(factors, 4 * number, 4), position=bits(positions, 2 * number, 2), quads=Array("row", quads)
    )


def row_of(slot, row):
    """A slot as one of the rows has it."""
    return Record(position=slot.position, quad=slot.quads[row])


@block
def select_activation(slot, activation):
    """``activation`` (8 bits) is the one of ``slot.quad`` at ``slot.position``."""
    shifted = Signal(intbv(0)[32:])

    @always_comb
    def select():
        # A shift by whole bytes is the 4:1 multiplexer that a chain of ifs is, and simulates twice as fast.
        shifted.next = slot.quad >> concat(slot.position, "000")

    @always_comb
    def lowest():
        activation.next = shifted[8:]


@block
def logic_sums(clk, pairs, totals):
    """``totals``: for every row the sum of the products of ``pairs`` of slots; latency 4."""
    fields = [[Signal(signed(FIELD)) for _ in pairs] for _ in totals]
    for n, (first, second) in enumerate(pairs):
        factors = [Signal(signed(4)) for _ in range(2)]
        hold_factors(clk, first.factor, second.factor, *factors)
        for r, field in enumerate(one[n] for one in fields):
            logic_pair(factors=factors, first=row_of(first, r), second=row_of(second, r), field=field)
    for field, result in zip(fields, totals, strict=True):
        sum_of_four(clk, *field, result)


@block
def hold_factors(clk, first, second, first_held, second_held):
    @always(clk.posedge)
    def hold():
        first_held.next = first.signed()
        second_held.next = second.signed()


@block
def logic_pair(clk, factors, first, second, field):
    """A row's w0·a0 + w1·a1 without multipliers; latency 2 from the slots, 1 from ``factors``."""
    products = [Signal(signed(FIELD - 1)) for _ in range(2)]
    for factor, slot, product in zip(factors, (first, second), products, strict=True):
        raw, activation = Signal(intbv(0)[8:]), Signal(signed(8))
        select_activation(slot, raw)
        hold_activation(clk, raw, activation)
        logic_product(factor, activation, product)
    a, b = products

    @always(clk.posedge)
    def add():
        field.next = a + b


@block
def hold_activation(clk, raw, activation):
    @always(clk.posedge)
    def hold():
        activation.next = raw.signed()


@block
def logic_product(factor, value, product):
    """``product`` = ``factor`` (signed 4) · ``value`` (signed 8), a sum of what the factor's bits let through."""
    one, two, four, eight = (Signal(signed(8)) for _ in range(4))

    @always_comb
    def gate():
        one.next = 0
        two.next = 0
        four.next = 0
        eight.next = 0
        if factor[0]:
            one.next = value
        if factor[1]:
            two.next = value
        if factor[2]:
            four.next = value
        if factor[3]:
            eight.next = value

    @always_comb
    def add():
        product.next = one + (two << 1) + (four << 2) - (eight << 3)


@block
def sum_of_four(clk, a, b, c, d, result):
    """``result`` = a + b + c + d; latency 2."""
    low, high = Signal(signed(FIELD + 1)), Signal(signed(FIELD + 1))

    @always(clk.posedge)
    def add():
        low.next = a + b
        high.next = c + d
        result.next = low + high


@block
def packed_sums(clk, pairs, totals):
    """As logic_sums, with a multiplier for every pair of slots and row."""
    fields = [[Signal(intbv(0)[FIELD + 1 :]) for _ in pairs] for _ in totals]
    offsets = [Signal(signed(4)) for _ in pairs]
    for n, (first, second) in enumerate(pairs):
        packed_pair(first=first, second=second, offset=offsets[n], fields=[one[n] for one in fields])
    offset_sum, correction, late_correction = (Signal(signed(7)) for _ in range(3))
    adder_tree(offsets, offset_sum)

    @always(clk.posedge)
    def correct():
        correction.next = -offset_sum
        late_correction.next = correction

    for field, result in zip(fields, totals, strict=True):
        row_sum(clk, *field, late_correction, result)


@block
def packed_pair(clk, first, second, offset, fields):
    """Two slots: ``fields[r]`` / 2, rounded up, is row r's w0·a0 + w1·(a1 + 128), latency 2; ``offset`` is w1,
    latency 1.

    (w0 + w1·2^13) · ((a1 + 128) + a0·2^13) has this sum as the second of its fields. The first, w0·(a1 + 128), lies in
    −2040…1785; its sign, which is bit 0 of a field, says whether it borrowed one. a1 + 128 is a1 with its sign
    inverted and never negative, so the activations need no adder to stand side by side.
    """
    weights = Signal(signed(FIELD + 5))
    for row, field in enumerate(fields):
        pair_row(weights=weights, first=row_of(first, row), second=row_of(second, row), field=field)

    @always(clk.posedge)
    def hold():
        weights.next = (second.factor.signed() << FIELD) + first.factor.signed()
        offset.next = second.factor.signed()


@block
def pair_row(clk, weights, first, second, field):
    """A row's part of packed_pair: selects one of four activations for each of the slots and multiplies."""
    low, high = Signal(intbv(0)[8:]), Signal(intbv(0)[8:])
    raised = Signal(intbv(0)[8:])
    packed = Signal(signed(FIELD + 8))
    product = Signal(signed(2 * FIELD + 13))
    spare = FIELD - 8
    select_activation(first, low)
    select_activation(second, high)

    @always_comb
    def multiply():
        raised.next = high ^ 128
        product.next = weights * packed

    @always(clk.posedge)
    def register():
        packed.next = concat(low, intbv(0)[spare:], raised).signed()
        field.next = product[2 * FIELD : FIELD - 1]


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
