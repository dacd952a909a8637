"""An integer becomes a scale: a leading-one detector that shifts as it looks."""

from myhdl import ConcatSignal, Signal, always, always_comb, block, intbv

from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.record import signed
from myhdl_acc.hdl.timed import Timed

#: Cycles from ``value`` to the result.
LATENCY = 5


@entity(outputs=("scale",), latency=LATENCY)
def normalise(clk, value, scale):
    """``scale``: the one nearest to ``value``, 0 counting as 1; one per cycle, latency 5.

    ``value``: unsigned, 17 to 64 bits. Golden: normalise; rounds half up, relative error ≤ 2^-16. No back-pressure, no
    reset: validity travels beside.
    """
    bits = len(value)
    flags, word = [], value
    powers = [power for power in (32, 16, 8, 4, 2, 1) if power < bits]
    for level, power in enumerate(powers):
        lifted, flag = Signal(intbv(0)[bits:]), Signal(intbv(0)[1:])
        # One level in the first cycle, as what gives the value has logic, too; then two.
        cycle = (level + 1) // 2
        lift(word=word, lifted=lifted, zero=flag, places=power)
        flags.append(Timed(flag, cycle).at(LATENCY - 1))
        word = lifted
        if power == 1:
            word = Timed(lifted, cycle).at(LATENCY - 1)
        elif level % 2 == 0:
            word = Timed(lifted).at(1)
    aligned = word
    # Each level shifts by a power of two: its flag is a bit of the number of leading zeros.
    zeros = ConcatSignal(*flags)
    rounded = Signal(intbv(0)[17:])
    places, base = Signal(signed(len(scale.exponent))), Signal(signed(len(scale.exponent)))

    @always_comb
    def round_half_up():
        rounded.next = aligned[bits : bits - 16] + aligned[bits - 17]
        places.next = zeros

    @always_comb
    def choose():
        if rounded[16]:
            base.next = 15 - bits
        else:
            base.next = 16 - bits

    @always(clk.posedge)
    def carry():
        if not aligned[bits - 1]:  # 0, which counts as 1
            scale.mantissa.next = 0x8000
            scale.exponent.next = 15
        elif rounded[16]:  # rounded up to 2^16: halve
            scale.mantissa.next = rounded[17:1]
            scale.exponent.next = places + base
        else:
            scale.mantissa.next = rounded[16:]
            scale.exponent.next = places + base


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
