"""The cipher Simon32/64."""

from myhdl import Signal, intbv

from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.record import Record, bits
from myhdl_acc.rtl.vector.arith import simon_rounds as rounds_unit
from myhdl_acc.rtl.vector.arith.simon_rounds import STEPS, TOGETHER, simon_rounds

#: Cycles from ``start`` to the cipher.
LATENCY = 2 * STEPS * rounds_unit.LATENCY


@entity(outputs=("state",), latency=LATENCY)
def simon_cipher(clk, start, plain, keys, state):
    """``state`` (32) = golden encrypt() of the ``plain`` (32) that came with ``start``.

    ``keys`` (128): simon_keys' of these cycles. While half of the rounds work on a block, the others do so on the one
    before. A block every four cycles, latency 8; no multiplier. No back-pressure, no reset: validity travels beside.
    """
    width = 16 * TOGETHER
    half = Signal(intbv(0)[32:])
    simon_rounds(start=start, plain=plain, keys=bits(keys, 0, width), state=half)
    late = Record(start=start).delay(STEPS)
    simon_rounds(start=late.start, plain=half, keys=bits(keys, width, width), state=state)
