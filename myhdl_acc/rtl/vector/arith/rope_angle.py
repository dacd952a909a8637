"""Cosine and sine of a position's angle."""

from myhdl import Signal, always, always_comb, block, concat, intbv

from golden.numerics import sine_table
from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.timed import Timed
from myhdl_acc.rtl.vector.arith.interpolate import interpolate
from myhdl_acc.rtl.vector.arith.multiply import multiply

#: Bits of a phase within its quadrant: 8 for the table's entry, 16 to interpolate.
_QUARTER = 24

_SINE_LATENCY = 1 + interpolate.latency + 1
#: Cycles from a position to its cosine and sine.
LATENCY = multiply.latency + 2 + _SINE_LATENCY


@entity(outputs=("cosine", "sine"), latency=LATENCY)
def rope_angle(clk, position, increment, cosine, sine):
    """cos and sin (signed 18, 16 fraction bits) of ``position`` · ``increment`` · 2^-48 turns (golden cosine_sine).

    ``position``: unsigned 32; ``increment``: unsigned 48. The phase is exact modulo a turn, so positions far past 128 k
    are as good as the first. A result every cycle, latency 11; seven DSP48E2. No back-pressure, no reset: validity
    travels beside.
    """
    # 32 × 48 bits modulo 2^48, from halves of 16 bits: what begins at bit 48 does not count.
    parts = [Signal(intbv(0)[32:]) for _ in range(5)]
    low_position, high_position = position(16, 0), position(32, 16)
    low, middle, high = increment(16, 0), increment(32, 16), increment(48, 32)
    factors = [
        (low_position, low),
        (low_position, middle),
        (high_position, low),
        (low_position, high),
        (high_position, middle),
    ]
    for i, (a, b) in enumerate(factors):
        multiply(a=a, b=b, product=parts[i])
    at_0, at_16, also_at_16, at_32, also_at_32 = parts
    base, middle_sum, high_sum, head = (Signal(intbv(0)[size:]) for size in (32, 33, 33, 32))
    upper = Signal(intbv(0)[33:])  # bits 16 … 47 of the phase, and a carry
    fraction = Signal(intbv(0)[_QUARTER:])
    odd, even, second_half, outer_half = (Signal(bool(0)) for _ in range(4))

    @always(clk.posedge)
    def add():
        base.next = at_0
        middle_sum.next = at_16 + also_at_16
        high_sum.next = at_32 + also_at_32
        upper.next = head + middle_sum[32:]

    @always_comb
    def align():
        head.next = concat(high_sum[16:], base[32:16])

    @always_comb
    def quadrants():
        fraction.next = upper[30:6]
        odd.next = upper[30]
        even.next = not upper[30]
        second_half.next = upper[31]
        outer_half.next = upper[31] != upper[30]

    # The cosine is a quadrant ahead of the sine.
    sine_of(fraction=fraction, mirrored=odd, negative=second_half, value=sine)
    sine_of(fraction=fraction, mirrored=even, negative=outer_half, value=cosine)


@block
def sine_of(clk, fraction, mirrored, negative, value):
    """The sine of a ``fraction`` of a quadrant, counted from its end if ``mirrored``."""
    within, magnitude = Signal(intbv(0)[_QUARTER + 1 :]), Signal(intbv(0)[17:])
    quarter = 1 << _QUARTER

    @always(clk.posedge)
    def mirror():
        if mirrored:
            within.next = quarter - fraction
        else:
            within.next = fraction

    interpolate(position=within, value=magnitude, table=sine_table(), fraction_bits=_QUARTER - 8)
    late_negative = Timed(negative).at(1 + interpolate.latency)

    @always(clk.posedge)
    def sign():
        if late_negative:
            value.next = -magnitude
        else:
            value.next = magnitude
