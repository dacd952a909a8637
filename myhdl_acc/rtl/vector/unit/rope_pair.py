"""The rotation of two neighbouring columns, with its table of angles."""

from myhdl import Signal, always, always_comb, concat, intbv

from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.record import Record, view
from myhdl_acc.rtl.vector.arith import rope as rope_unit
from myhdl_acc.rtl.vector.arith.rope import rope

#: Cycles from an issue to the angle, and to the rotated pair.
TABLE = 2
LATENCY = TABLE + rope_unit.LATENCY


@entity(outputs=("rotated_even", "rotated_odd"))
def rope_pair(clk, angle, issue, even, odd, rotated_even, rotated_odd):
    """``even``, ``odd`` (s32) rotated by the table's angle at ``angle.read``, which is taken with ``issue``, two cycles
    before them; latency rope.LATENCY from the operands. ``angle.write`` stores ``angle.cosine`` and ``angle.sine``
    (s18) at ``angle.written``. No back-pressure, no reset.
    """
    angles = [Signal(intbv(0)[36:]) for _ in range(1 << len(angle.read))]
    word = Record(both=36)
    given = Signal(intbv(0)[36:])
    now = view(word.delay(TABLE - 1).both, {"cosine": (0, 18), "sine": (18, 18)}, like=angle.only("cosine", "sine"))
    rope(
        even=even,
        odd=odd,
        cosine=now.cosine,
        sine=now.sine,
        rotated_even=rotated_even,
        rotated_odd=rotated_odd,
    )

    @always_comb
    def join():
        given.next = concat(angle.sine[18:], angle.cosine[18:])

    @always(clk.posedge)
    def access():
        if angle.write:
            angles[angle.written].next = given
        if issue:
            word.both.next = angles[angle.read]
