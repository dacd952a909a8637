"""What a design takes of an ECP5, counted from the cells of a mapped netlist."""

from dataclasses import dataclass

from golden.errors import InputError


@dataclass(frozen=True)
class Part:
    """An FPGA: what it has of ``lut`` (LUT4), ``ff``, ``multiplier`` (MULT18X18D) and ``ram`` (DP16KD, 18 Kb)."""

    name: str
    lut: int
    ff: int
    multiplier: int
    ram: int


LFE5U_85F = Part("LFE5U-85F", lut=83_640, ff=83_640, multiplier=156, ram=208)

#: Places of a LUT4 that a cell takes: an adder has two bits; a memory of 16 × 4 bits takes four, and two for its
#: write port.
_LUTS = {"LUT4": 1, "CCU2C": 2, "TRELLIS_DPR16X4": 6}
_OTHERS = {"TRELLIS_FF": "ff", "MULT18X18D": "multiplier", "DP16KD": "ram", "PDPW16KD": "ram"}
NAMES = {"lut": "LUTs", "ff": "flip-flops", "multiplier": "multipliers", "ram": "block RAMs"}


def count(cells):
    """{kind of resource: number} of ``{cell type: number}``."""
    found = dict.fromkeys(NAMES, 0)
    for kind, number in cells.items():
        if kind in _OTHERS:
            found[_OTHERS[kind]] += number
        found["lut"] += _LUTS.get(kind, 0) * number
    return found


def require_fit(found, part):
    """Raises InputError, naming the largest excess, for what the part does not have."""
    worst = max(found, key=lambda kind: found[kind] / getattr(part, kind))
    there = getattr(part, worst)
    if found[worst] > there:
        raise InputError(
            f"bitstream: the configuration takes {found[worst]:,} {NAMES[worst]}, the {part.name} has {there:,}"
        )
