"""The keys of the rounds of Simon32/64."""

from myhdl import Signal, always, always_comb, block, concat, intbv

from golden.units.simon import CONSTANTS
from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.record import bits
from myhdl_acc.hdl.wiring import vector, wire
from myhdl_acc.rtl.vector.arith.simon_rounds import STEPS, TOGETHER

#: Cycles from ``load`` to the keys of the first eight rounds.
LATENCY = 2


@entity(outputs=("keys",), latency=LATENCY)
def simon_keys(clk, load, key, keys):
    """``keys`` (128): eight of golden round_keys() of the ``key`` (64) of the last ``load``, the first one lowest.

    Rounds 0 … 7 two cycles after ``load``, the next eight in each of the three cycles after. A key every four cycles,
    latency 2; no multiplier. No back-pressure, no reset: validity travels beside.
    """
    state, ready = Signal(intbv(0)[64:]), Signal(intbv(0)[16 * TOGETHER :])
    step, extra = Signal(intbv(0)[2:]), Signal(intbv(0)[TOGETHER:])
    words = [bits(state, 16 * i, 16) for i in range(4)]
    for i in range(TOGETHER):
        following = Signal(intbv(0)[16:])
        next_key(first=words[i], second=words[i + 1], fourth=words[i + 3], extra=bits(extra, i, 1), following=following)
        words.append(following)
    given, left = vector(words[:TOGETHER]), vector(words[TOGETHER:])
    constants = tuple(sum(CONSTANTS[TOGETHER * number + i] << i for i in range(TOGETHER)) for number in range(STEPS))

    @always_comb
    def look_up():
        extra.next = constants[int(step)]

    @always(clk.posedge)
    def walk():
        ready.next = given
        if load:
            state.next = key
            step.next = 0
        else:
            state.next = left
            step.next = (step + 1) & 3

    wire(ready, keys)


@block
def next_key(first, second, fourth, extra, following):
    """The key after four: bits of three of them, and a constant in bit 0."""
    mixed = Signal(intbv(0)[16:])

    @always_comb
    def mix():
        mixed.next = concat(fourth[3:], fourth[16:3]) ^ second

    @always_comb
    def add():
        following.next = first ^ mixed ^ concat(mixed[1:], mixed[16:1]) ^ concat(intbv(0x7FFE)[15:], extra)
