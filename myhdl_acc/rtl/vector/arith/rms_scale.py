"""From the sum of squares to what RMSNorm multiplies with."""

from myhdl import Signal, always, always_comb, block, concat, intbv

from golden.numerics import rsqrt_table
from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.timed import Timed
from myhdl_acc.rtl.vector.arith.interpolate import interpolate

#: Bits of the sum of squares and ε, made even since it is normalised by powers of 4.
_BITS = 50
#: By how many pairs of bits the steps of the normalisation may shift.
_SHIFTS = (16, 8, 4, 2, 1)

_ADD = 3
#: Cycles from a total to its inverse root.
LATENCY = _ADD + len(_SHIFTS) + interpolate.latency + 1


@entity(outputs=("inverse", "places"), latency=LATENCY)
def rms_scale(clk, total, eps, drop, inverse, places):
    """``inverse`` (unsigned 17) · 2^-places takes x to x/‖x‖ with 24 fraction bits (golden rms_scale).

    ``total`` (unsigned 48): the sum of rms_square's squares, without ε; ``eps`` (unsigned 48): ε·N·2^32; ``drop``
    (unsigned 4): what the squares were shifted by. ``places``: signed 7, −8 … 31. A result every cycle, latency 13; one
    DSP48E2. No back-pressure, no reset: validity travels beside.
    """
    steps = len(_SHIFTS)
    held_total, small_eps = Signal(intbv(0)[48:]), Signal(intbv(0)[48:])
    exact = Signal(intbv(0)[_BITS:])
    words = [Signal(intbv(0)[_BITS:]) for _ in range(steps + 1)]
    counts = [Signal(intbv(0)[5:]) for _ in range(steps + 1)]
    first_word, first_count, last_word = words[0], counts[0], words[steps]
    mantissa, root = Signal(intbv(0)[16:]), Signal(intbv(0)[17:])
    base = _BITS // 2 - 1 - 8  # the exponent of 4 of the first bits, and 16 instead of 24 fraction bits

    @always(clk.posedge)
    def add():
        held_total.next = total
        small_eps.next = eps >> concat(drop, "0")
        exact.next = held_total + small_eps
        if exact == 0:
            first_word.next = 1
        else:
            first_word.next = exact
        first_count.next = 0

    for i, shift in enumerate(_SHIFTS):
        normalise_step(word=words[i], count=counts[i], next_word=words[i + 1], next_count=counts[i + 1], shift=shift)

    @always_comb
    def truncate():
        # 1 … 4 with 14 fraction bits.
        mantissa.next = last_word[_BITS : _BITS - 16]

    # The table begins at 1, a quarter of the way to 4.
    interpolate(
        position=mantissa, value=root, table=64 * rsqrt_table().tolist()[:1] + rsqrt_table().tolist(), fraction_bits=8
    )
    late_count, late_drop = Timed(counts[steps]).at(interpolate.latency), Timed(drop).at(LATENCY - 1)

    @always(clk.posedge)
    def output():
        inverse.next = root
        places.next = base + late_drop - late_count


@block
def normalise_step(clk, word, count, next_word, next_count, shift):
    """Shift ``word`` left by ``shift`` pairs of bits if they are all zero, and count; latency 1."""
    top = word(_BITS, _BITS - 2 * shift)
    places = 2 * shift

    @always(clk.posedge)
    def step():
        if top == 0:
            next_word.next = word << places
            next_count.next = count + shift
        else:
            next_word.next = word
            next_count.next = count
