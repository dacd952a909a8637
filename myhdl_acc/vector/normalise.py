"""An integer becomes a scale: a leading-one detector that shifts as it looks."""

from myhdl import ConcatSignal, Signal, always, always_comb, block, intbv

from myhdl_acc.convert.entity import entity
from myhdl_acc.engine.delay import delay

#: Cycles from ``value`` to the result.
LATENCY = 4
_LEVELS_PER_CYCLE = 2


@entity(outputs=("mantissa", "exponent"))
def normalise(clk, value, mantissa, exponent):
    """(``mantissa``, ``exponent``) = the scale nearest to ``value``, 0 counting as 1; one per cycle, latency 4.

    ``value``: unsigned, 17 to 64 bits; ``mantissa``: unsigned 16; ``exponent``: signed 10. Golden: normalise; rounds
    half up, relative error ≤ 2^-16. No back-pressure, no reset: validity travels beside.
    """
    bits = len(value)
    first = Signal(intbv(0)[bits:])
    levels, flags, word = [], [], first
    powers = [places for places in (32, 16, 8, 4, 2, 1) if places < bits]
    for level, places in enumerate(powers):
        lifted, flag, late = Signal(intbv(0)[bits:]), Signal(intbv(0)[1:]), Signal(intbv(0)[1:])
        levels += [
            lift(word, lifted, flag, places),
            delay(clk, flag, late, LATENCY - 1 - level // _LEVELS_PER_CYCLE),
        ]
        flags.append(late)
        word = lifted
        if level % _LEVELS_PER_CYCLE == 1 or places == 1:
            word = Signal(intbv(0)[bits:])
            levels.append(delay(clk, lifted, word, 1))
    aligned = word
    # Each level's places are a power of two: its flag is a bit of the number of leading zeros.
    zeros = ConcatSignal(*flags)
    rounded = Signal(intbv(0)[17:])

    @always_comb
    def begin():
        if value == 0:
            first.next = 1
        else:
            first.next = value

    @always_comb
    def round_half_up():
        rounded.next = aligned[bits : bits - 16] + aligned[bits - 17]

    @always(clk.posedge)
    def carry():
        # Rounded up to 2^16, the mantissa is halved.
        if rounded[16]:
            mantissa.next = rounded[17:1]
            exponent.next = zeros - (bits - 15)
        else:
            mantissa.next = rounded[16:]
            exponent.next = zeros - (bits - 16)

    return levels, begin, round_half_up, carry


@block
def lift(word, lifted, zero, places):
    """Shift ``word`` to the left by ``places`` if its highest ``places`` bits are ``zero``."""
    bits = len(word)

    @always_comb
    def move():
        if word[bits : bits - places] == 0:
            lifted.next = word << places
            zero.next = 1
        else:
            lifted.next = word
            zero.next = 0

    return move
