"""Whether a word is an instruction."""

from myhdl import Signal, always_comb, block, intbv

from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.wiring import vector, wire
from myhdl_acc.rtl.control.instruction import field_mask
from myhdl_acc.rtl.control.isa import COMMON, INSTRUCTION_BITS, OPS, UNITS

_UNIT, _OP = COMMON["unit"], COMMON["op"]
#: Ops by unit code, 0 for a code that is no unit's.
_OP_COUNTS = tuple(len(OPS[UNITS[code]]) if code < len(UNITS) else 0 for code in range(1 << _UNIT[1]))


def reserved_ranges(unit):
    """(first bit, bit after the last) of every run of reserved bits of a unit's instructions."""
    mask, ranges, first = field_mask(unit), [], None
    for bit in range(INSTRUCTION_BITS + 1):
        reserved = bit < INSTRUCTION_BITS and not mask >> bit & 1
        if reserved and first is None:
            first = bit
        elif not reserved and first is not None:
            ranges.append((first, bit))
            first = None
    return ranges


@entity(outputs=("illegal",))
def instruction_check(word, illegal):
    """``illegal`` is high for a word whose unit or op is unknown or that has a reserved bit set. No register."""
    bits = Signal(intbv(0)[INSTRUCTION_BITS:])
    unit, op = Signal(intbv(0)[_UNIT[1] :]), Signal(intbv(0)[_OP[1] :])
    count = Signal(intbv(0)[_OP[1] + 1 :])
    flags = [Signal(bool(0)) for _ in UNITS]
    reserved = vector(flags)
    unit_first, unit_last = _UNIT[0], sum(_UNIT)
    op_first, op_last = _OP[0], sum(_OP)

    @always_comb
    def split():
        unit.next = bits[unit_last:unit_first]
        op.next = bits[op_last:op_first]

    @always_comb
    def look_up():
        count.next = _OP_COUNTS[int(unit)]

    @always_comb
    def judge():
        illegal.next = op >= count or reserved != 0

    wire(word, bits)
    for code, name in enumerate(UNITS):
        reserved_bits(bits=bits, unit=unit, code=code, ranges=reserved_ranges(name), flag=flags[code])


@block
def reserved_bits(bits, unit, code, ranges, flag):
    """``flag`` is high for a word of the unit with ``code`` that has a bit of ``ranges`` set."""
    parts = [Signal(bool(0)) for _ in ranges]
    found = vector(parts)

    @always_comb
    def judge():
        flag.next = unit == code and found != 0

    for (first, last), part in zip(ranges, parts, strict=True):
        not_zero(bits(last, first), part)


@block
def not_zero(bits, flag):
    @always_comb
    def compare():
        flag.next = bits != 0
