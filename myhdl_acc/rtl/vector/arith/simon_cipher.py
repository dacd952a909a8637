"""The cipher Simon32/64."""

from myhdl import Signal, intbv

from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.record import Record, bits
from myhdl_acc.hdl.wiring import unused
from myhdl_acc.rtl.vector.arith import simon_rounds as rounds_unit
from myhdl_acc.rtl.vector.arith.simon_rounds import PARTS, STEPS, TOGETHER, simon_rounds

#: Cycles from ``start`` to the cipher.
LATENCY = PARTS * STEPS * rounds_unit.LATENCY


@entity(outputs=("state",), latency=LATENCY)
def simon_cipher(clk, start, plain, keys, state):
    """``state`` (32) = golden encrypt() of the ``plain`` (32) that came with ``start``.

    ``keys`` (128): simon_keys' of these cycles. While a part of the rounds works on a block, the others do so on those
    before. A block every four cycles, latency 16; no multiplier. No back-pressure, no reset: validity travels beside.
    """
    width = 16 * TOGETHER
    for part in range(PARTS):
        own = state if part == PARTS - 1 else Signal(intbv(0)[32:])
        simon_rounds(start=start, plain=plain, keys=bits(keys, width * part, width), state=own)
        start, plain = Record(start=start).delay(STEPS).start, own
    unused(start)
