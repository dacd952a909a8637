"""The barrel shifter that the rounding shifts share."""

from myhdl import Signal, always, always_comb, block, concat, intbv

from myhdl_acc.hdl.record import signed

#: Cycles from the operands to ``window``.
LATENCY = 2
_BITS = 64  # that the shifter works on
_LEFT, _RIGHT = 32, 61  # how far it shifts


@block(latency=LATENCY)
def shift_window(clk, value, places, window, negative, overflow, fraction):
    """``window`` = the lowest bits of ⌊``value`` · 2^(``fraction`` − ``places``)⌋; one per cycle, latency 2.

    So its last ``fraction`` bits are those below the unit, which rounding needs. ``value``: signed, up to 64 bits;
    ``places``: signed; places − fraction is limited to −32 … 61; ``window``: unsigned, up to 32 bits. With ``negative``
    all bits of ``window`` are inverted, so ``overflow`` is any bit above it. No reset: validity travels beside.
    """
    bits = len(window)
    wide, flipped = Signal(signed(_BITS)), Signal(signed(_BITS))
    fill = Signal(signed(32))
    # Bits 4…0 shift to the right within three overlapping halves of value · 2^32, which ``right`` and ``far`` select.
    wanted, distance = Signal(signed(len(places) + 1)), Signal(signed(7))
    right, far = Signal(bool(0)), Signal(bool(0))
    half, moved = Signal(intbv(0)[_BITS:]), Signal(intbv(0)[_BITS:])
    fine = Signal(intbv(0)[5:])
    minus, beyond = Signal(bool(0)), Signal(bool(0))
    near = Signal(intbv(0)[bits + 7 :])

    @always_comb
    def offset():
        wanted.next = places - fraction

    @always_comb
    def limit():
        if wanted < -_LEFT:
            distance.next = -_LEFT
        elif wanted > _RIGHT:
            distance.next = _RIGHT
        else:
            distance.next = wanted

    @always_comb
    def extend():
        wide.next = value

    @always_comb
    def invert():
        if wide[_BITS - 1]:
            flipped.next = ~wide
            fill.next = -1
        else:
            flipped.next = wide
            fill.next = 0

    @always_comb
    def select():
        right.next = distance >= 0
        far.next = distance >= 32

    @always(clk.posedge)
    def coarse():
        minus.next = wide[_BITS - 1]
        fine.next = distance[5:]
        if not right:
            half.next = concat(flipped[32:], fill[32:])
            beyond.next = flipped[_BITS:32] != 0
        elif not far:
            half.next = flipped[_BITS:]
            beyond.next = False
        else:
            half.next = flipped[_BITS:32]
            beyond.next = False

    @always_comb
    def move():
        # Whole bytes first: each of the two shifts is a level of 4:1 multiplexers, or little more.
        moved.next = half >> concat(fine[5:3], "000")
        near.next = moved[bits + 7 :] >> fine[3:]

    @always(clk.posedge)
    def fine_shift():
        window.next = near[bits:]
        negative.next = minus
        overflow.next = beyond or moved[_BITS : bits + 7] != 0 or near[bits + 7 : bits] != 0
