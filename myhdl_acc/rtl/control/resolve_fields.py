"""Instructions inside the resolver: which bits of a word are which field, and which codes are which instruction."""

from myhdl_acc.rtl.control.isa import COMMON, FIELDS, OPS, RESIDENT, UNITS

#: Bits of an instruction that a unit executes: all above are the resolver's.
EXECUTED_BITS = min(first for first, _ in RESIDENT.values())
#: Unit and op: what code() gives.
CODE = (0, sum(width for _, width in COMMON.values()))
ENGINE, VECTOR = UNITS.index("engine"), UNITS.index("vector")


def code(unit, op):
    """The lowest bits of an instruction."""
    return UNITS.index(unit) << COMMON["unit"][0] | OPS[unit].index(op) << COMMON["op"][0]


def ends(unit, name):
    """(bit after the last, first bit) of a field: what a slice wants."""
    first, width = FIELDS[unit][name]
    return first + width, first
