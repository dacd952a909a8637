"""The keys of the rounds of Simon32/64."""

from myhdl import Signal, always, always_comb, block, concat, intbv

from golden.units.simon import CONSTANTS
from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.record import Record, bits
from myhdl_acc.hdl.wiring import unused, vector, wire
from myhdl_acc.rtl.vector.arith.simon_rounds import PARTS, STEPS, TOGETHER

#: Cycles from ``load`` to the keys of the first rounds.
LATENCY = 2


@entity(outputs=("keys",), latency=LATENCY)
def simon_keys(clk, load, key, keys):
    """``keys`` (128): four times two of golden round_keys(), the first one lowest: of all parts of simon_cipher.

    Rounds 0 and 1 of the last ``load``'s ``key`` (64) are in the lowest quarter two cycles after it, the next two in
    each of the three cycles after; then rounds 8 … 15 in the next quarter, and so on. A key every four cycles, latency
    2; no multiplier. No back-pressure, no reset: validity travels beside.
    """
    parts = [Signal(intbv(0)[16 * TOGETHER :]) for _ in range(PARTS)]
    for number, part in enumerate(parts):
        left = Signal(intbv(0)[64:])
        part_keys(load=load, key=key, first=number * STEPS * TOGETHER, ready=part, left=left)
        load, key = Record(load=load).delay(STEPS).load, left
    unused(load, left)
    wire(vector(parts), keys)


@block
def part_keys(clk, load, key, first, ready, left):
    """``ready``: TOGETHER keys of STEPS steps that begin with round ``first``'s; ``left``: the four that follow."""
    state = Signal(intbv(0)[64:])
    step, extra = Signal(intbv(0)[2:]), Signal(intbv(0)[TOGETHER:])
    words = [bits(state, 16 * i, 16) for i in range(4)]
    for i in range(TOGETHER):
        following = Signal(intbv(0)[16:])
        next_key(first=words[i], second=words[i + 1], fourth=words[i + 3], extra=bits(extra, i, 1), following=following)
        words.append(following)
    given, behind = vector(words[:TOGETHER]), vector(words[TOGETHER:])
    constants = tuple(
        sum(CONSTANTS[first + TOGETHER * number + i] << i for i in range(TOGETHER)) for number in range(STEPS)
    )
    wire(behind, left)

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
            state.next = behind
            step.next = (step + 1) & 3


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
