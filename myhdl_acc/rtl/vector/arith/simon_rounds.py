"""Two rounds of the cipher Simon32/64."""

from myhdl import Signal, always, always_comb, block, concat, intbv

from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.record import bits

#: Rounds in a cycle, and cycles of a part of the cipher.
TOGETHER, STEPS = 2, 4
PARTS = 4  #: that work on a block one after the other
#: Cycles from a step's operands to ``state``.
LATENCY = 1


@entity(outputs=("state",), latency=LATENCY)
def simon_rounds(clk, start, plain, keys, state):
    """``state`` (32) = two rounds of golden encrypt() on ``plain`` (32) with ``start``, else on ``state``.

    ``keys`` (32): the rounds' keys, the first one lowest; STEPS steps are a part of the cipher. A step every cycle,
    latency 1; no multiplier. No back-pressure, no reset: validity travels beside.
    """
    now, held = Signal(intbv(0)[32:]), Signal(intbv(0)[32:])
    upper, lower = bits(now, 16, 16), bits(now, 0, 16)
    for i in range(TOGETHER):
        mixed = Signal(intbv(0)[16:])
        one_round(upper=upper, lower=lower, key=bits(keys, 16 * i, 16), mixed=mixed)
        upper, lower = mixed, upper

    @always_comb
    def enter():
        if start:
            now.next = plain
        else:
            now.next = held

    @always(clk.posedge)
    def keep():
        held.next = concat(upper, lower)

    @always_comb
    def show():
        state.next = held


@block
def one_round(upper, lower, key, mixed):
    @always_comb
    def mix():
        mixed.next = (
            lower
            ^ (concat(upper[15:], upper[16:15]) & concat(upper[8:], upper[16:8]))
            ^ concat(upper[14:], upper[16:14])
            ^ key
        )
