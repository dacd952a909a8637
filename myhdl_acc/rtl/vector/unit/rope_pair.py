"""The rotation of two neighbouring columns, with its table of angles."""

from myhdl import Signal, always, always_comb, concat, intbv

from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.record import signed
from myhdl_acc.rtl.vector.arith import rope as rope_unit
from myhdl_acc.rtl.vector.arith.rope import rope

#: Cycles from an issue to the rotated pair.
LATENCY = 1 + rope_unit.LATENCY


@entity(outputs=("rotated_even", "rotated_odd"))
def rope_pair(clk, angle, issue, even, odd, rotated_even, rotated_odd):
    """``even``, ``odd`` (s32) rotated by the table's angle at ``angle.read``, which is taken with ``issue``, one cycle
    before them; latency rope.LATENCY from the operands. ``angle.write`` stores ``angle.cosine`` and ``angle.sine``
    (s18) at ``angle.written``. No back-pressure, no reset.
    """
    angles = [Signal(intbv(0)[36:]) for _ in range(1 << len(angle.read))]
    word, both = Signal(intbv(0)[36:]), Signal(intbv(0)[36:])
    cos_bits, sin_bits = Signal(intbv(0)[18:]), Signal(intbv(0)[18:])
    cos_now, sin_now = Signal(signed(18)), Signal(signed(18))

    @always_comb
    def pack():
        cos_bits.next = angle.cosine[18:]
        sin_bits.next = angle.sine[18:]

    @always_comb
    def join():
        both.next = concat(sin_bits, cos_bits)

    @always(clk.posedge)
    def access():
        if angle.write:
            angles[angle.written].next = both
        if issue:
            word.next = angles[angle.read]

    @always_comb
    def unpack():
        cos_now.next = word[18:].signed()
        sin_now.next = word[36:18].signed()

    rope(even=even, odd=odd, cosine=cos_now, sine=sin_now, rotated_even=rotated_even, rotated_odd=rotated_odd)
