"""Sixteen int8×int4 products for two rows at once: the engine's one multiplier array."""

from myhdl import Signal, always, always_comb, block, concat, intbv

from myhdl_acc.convert.entity import entity
from myhdl_acc.engine.adder_tree import adder_tree
from myhdl_acc.stream.stream import signed
from myhdl_acc.stream.wiring import wire

#: Bits between the two rows' products in one DSP48E2; an atom's dot product has less than 18 bits in every mode.
ROW_SHIFT = 18
#: Cycles from ``factors`` to ``dot0``/``dot1``; from ``factors`` to the use of ``wide`` and of ``scale``.
LATENCY, WIDE_DELAY, SCALE_DELAY = 7, 3, 5
DOT_BITS = ROW_SHIFT + 8


@entity(outputs=("shadow", "dot0", "dot1"))
def atom_dot(clk, load, load_data, swap, factors, positions, wide, scale, shadow, dot0, dot1):
    """``dot_r`` = scale · Σ_s factor_s · activation_r[4·(s div 2) + position_s]; a result every cycle, latency 7.

    The stationary slice: ``load`` shifts ``load_data`` (2 rows × 32 int8, row 0 low) into ``shadow``; ``swap`` copies
    ``shadow`` to the active slice, which factors presented *one cycle later* meet. ``wide``: the odd slots count
    16-fold (w8's high digits). ``wide`` and ``scale`` (u8) must arrive WIDE_DELAY and SCALE_DELAY cycles after their
    factors. ``dot0``, ``dot1``: signed 26 bits, exact: |Σ| ≤ 8·128·(8 + 16·7) = 122,880 < 2^17 with ``wide``
    (atom_decoder lets no high digit of −8 through), else ≤ 16·128·8. Two rows share each multiplier: w·(a0 + a1·2^18),
    as Xilinx WP486 packs two int8 products into one DSP48E2; the scales take one for each row. No back-pressure, no
    reset: validity travels beside.
    """
    active = Signal(intbv(0)[512:])
    products = [Signal(signed(30)) for _ in range(16)]
    slots = []
    for s in range(16):
        low_quad, high_quad = Signal(intbv(0)[32:]), Signal(intbv(0)[32:])
        first = 32 * (s // 2)
        slots += [
            wire(active(first + 32, first), low_quad),
            wire(active(first + 288, first + 256), high_quad),
            slot(clk, factors(4 * s + 4, 4 * s), positions(2 * s + 2, 2 * s), low_quad, high_quad, products[s]),
        ]
    even, odd = Signal(signed(33)), Signal(signed(33))
    even_sum, odd_sum = Signal(signed(33)), Signal(signed(33))
    even_tree = adder_tree(products[0::2], even_sum)
    odd_tree = adder_tree(products[1::2], odd_sum)
    total = Signal(signed(38))
    row0, row1 = Signal(signed(ROW_SHIFT)), Signal(signed(ROW_SHIFT))
    carry = Signal(intbv(0)[1:])

    @always(clk.posedge)
    def stationary():
        if load:
            shadow.next = load_data
        if swap:
            active.next = shadow

    @always_comb
    def borrow():
        # The lower row's sign borrowed one from the upper row's sum.
        carry.next = total[ROW_SHIFT - 1]

    @always(clk.posedge)
    def reduce():
        even.next = even_sum
        odd.next = odd_sum
        if wide:
            total.next = even + (odd << 4)
        else:
            total.next = even + odd
        row0.next = total[ROW_SHIFT:].signed()
        row1.next = (total >> ROW_SHIFT) + carry

    scale0 = scale_product(clk, row0, scale, dot0)
    scale1 = scale_product(clk, row1, scale, dot1)
    return slots, even_tree, odd_tree, stationary, borrow, reduce, scale0, scale1


@block
def slot(clk, factor, position, low_quad, high_quad, product):
    """Select one of four activations per row, then multiply both rows' by the factor; latency 2."""
    low, high = Signal(intbv(0)[32:]), Signal(intbv(0)[32:])
    packed = Signal(signed(27))
    held_factor = Signal(signed(4))

    @always_comb
    def select():
        # A shift by whole bytes is the 4:1 multiplexer that a chain of ifs is, and simulates twice as fast.
        low.next = low_quad >> concat(position, "000")
        high.next = high_quad >> concat(position, "000")

    @always(clk.posedge)
    def multiply():
        packed.next = (high[8:].signed() << ROW_SHIFT) + low[8:].signed()
        held_factor.next = factor.signed()
        product.next = packed * held_factor

    return select, multiply


@block
def scale_product(clk, value, scale, product):
    """``product`` = ``value`` · ``scale`` (u8), latency 2; one DSP48E2 with a register behind its multiplier."""
    held = Signal(signed(len(product)))

    @always(clk.posedge)
    def multiply():
        held.next = value * scale
        product.next = held

    return multiply
