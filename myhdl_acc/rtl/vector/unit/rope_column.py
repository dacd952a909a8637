"""The rotation of pairs that follow each other in the only column, with its table of angles."""

from myhdl import Signal, always, always_comb

from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.delay import delay
from myhdl_acc.hdl.record import Record, signed
from myhdl_acc.rtl.vector.arith import rope as rope_unit
from myhdl_acc.rtl.vector.unit.rope_pair import rope_pair

#: Cycles from the first element of a pair to its rotated one: the second follows at once, or with a cycle between.
LATENCY, SLOW_LATENCY = rope_unit.LATENCY + 1, rope_unit.LATENCY + 2


@entity(outputs=("rotated",))
def rope_column(clk, angle, issue, operand, rotated):
    """``operand`` (s32), two cycles after ``issue``, rotated with its neighbour; ``angle.read``: its index in the head.

    The indices of an operation follow each other in every cycle, latency LATENCY, or in every other, SLOW_LATENCY.
    ``angle.write`` stores ``angle.cosine`` and ``angle.sine`` (s18) for the pair that begins at index
    ``angle.written``. No back-pressure, no reset.
    """
    index = len(angle.read) - 1
    pair = Record(written=index, read=index, **angle.only("write", "cosine", "sine").members())
    first, even, odd, held_odd = (Signal(signed(32)) for _ in range(4))
    issued, odd_issued, second, late_second = (Signal(bool(0)) for _ in range(4))

    @always_comb
    def pairs():
        pair.written.next = angle.written >> 1
        pair.read.next = angle.read >> 1

    @always(clk.posedge)
    def take():
        issued.next = issue
        odd_issued.next = issue and angle.read[0]
        second.next = odd_issued
        if issued:
            first.next = operand
        held_odd.next = odd

    rope_pair(
        angle=pair,
        issue=issue,
        even=first,
        odd=operand,
        rotated_even=even,
        rotated_odd=odd,
    )
    delay(d=second, q=late_second, stages=rope_unit.LATENCY)

    @always_comb
    def in_turn():
        if late_second:
            rotated.next = even
        else:
            rotated.next = held_odd
