"""The rotation of two neighbouring columns, with its table of angles."""

from myhdl import Signal, always, always_comb, concat, intbv

from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.stream.stream import signed
from myhdl_acc.rtl.vector.arith.rope import rope


@entity(outputs=("rotated_even", "rotated_odd"))
def rope_pair(clk, write, written, cosine, sine, issue, read, even, odd, rotated_even, rotated_odd):
    """``even``, ``odd`` (s32) rotated by the table's angle at ``read``, which is taken with ``issue``, one cycle before
    them; latency rope.LATENCY from the operands. ``write`` stores ``cosine`` and ``sine`` (s18) at ``written``. No
    back-pressure, no reset.
    """
    angles = [Signal(intbv(0)[36:]) for _ in range(1 << len(read))]
    word, both = Signal(intbv(0)[36:]), Signal(intbv(0)[36:])
    cos_bits, sin_bits = Signal(intbv(0)[18:]), Signal(intbv(0)[18:])
    cos_now, sin_now = Signal(signed(18)), Signal(signed(18))

    @always_comb
    def pack():
        cos_bits.next = cosine[18:]
        sin_bits.next = sine[18:]

    @always_comb
    def join():
        both.next = concat(sin_bits, cos_bits)

    @always(clk.posedge)
    def access():
        if write:
            angles[written].next = both
        if issue:
            word.next = angles[read]

    @always_comb
    def unpack():
        cos_now.next = word[18:].signed()
        sin_now.next = word[36:18].signed()

    rope(even=even, odd=odd, cosine=cos_now, sine=sin_now, rotated_even=rotated_even, rotated_odd=rotated_odd)
