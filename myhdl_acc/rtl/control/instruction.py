"""Instructions as objects, as 256-bit words and as text (docs/instructions.md)."""

from dataclasses import dataclass, field
from functools import lru_cache

from golden.errors import InputError
from myhdl_acc.rtl.control.isa import COMMON, EMBEDDING, FIELDS, INSTRUCTION_BITS, OPS, RESIDENT, SECOND_NAMES, UNITS
from myhdl_acc.rtl.vector.unit.instructions import INSTRUCTIONS

INSTRUCTION_BYTES = INSTRUCTION_BITS // 8
_PLACES = {
    unit: {name: (first, (1 << width) - 1) for name, (first, width) in fields.items()}
    for unit, fields in FIELDS.items()
}


@dataclass(frozen=True)
class Instruction:
    """``unit.op`` with its fields; those that are not given are 0.

    Raises InputError for an unknown unit, op or field, for a value that its field cannot hold, and for two fields that
    are not 0, share bits and differ there.
    """

    unit: str
    op: str
    fields: dict = field(default_factory=dict)

    def __post_init__(self):
        object.__setattr__(self, "_word", self._encode())

    def __getitem__(self, name):
        """A field's value."""
        if name in self.fields:
            return self.fields[name]
        _field(self.unit, name)
        return 0

    def resolved(self, **fields):
        """The instruction with other ``fields``, as a unit executes it: without what the resolver needs."""
        names = RESIDENT | (EMBEDDING if self.unit == "engine" else {})
        kept = {name: value for name, value in self.fields.items() if name not in names}
        return instruction(self.unit, self.op, **(kept | fields))

    def word(self):
        """The 256-bit word as an integer."""
        return self._word

    def _encode(self):
        if self.unit not in UNITS:
            raise InputError(f"instruction: no unit {self.unit!r}; there are {', '.join(UNITS)}")
        if self.op not in OPS[self.unit]:
            raise InputError(f"instruction: {self.unit} has no op {self.op!r}; it has {', '.join(OPS[self.unit])}")
        word = UNITS.index(self.unit) << COMMON["unit"][0] | OPS[self.unit].index(self.op) << COMMON["op"][0]
        placed = 0  # the bits of all fields that are not 0
        for name, value in self.fields.items():
            first, most = _field(self.unit, name)
            if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= most:
                raise InputError(f"instruction: {name} is {value!r}, it must be an integer from 0 to {most}")
            if value:
                mask = most << first
                if (word ^ value << first) & mask & placed:
                    raise InputError(f"instruction: {name}={value} shares bits with another field that differs there")
                placed |= mask
                word |= value << first
        return word


@lru_cache(1 << 15)
def instruction(unit, op, **fields):
    """An Instruction; most of a pass are those of the pass before."""
    return Instruction(unit, op, {name: int(value) for name, value in fields.items()})


def _field(unit, name):
    """First bit and largest value of a field."""
    try:
        return _PLACES[unit][name]
    except KeyError:
        known = ", ".join(FIELDS[unit]) or "none"
        raise InputError(f"instruction: {unit} has no field {name!r}; its fields: {known}") from None


def field_mask(unit):
    """The bits that an instruction of ``unit`` may have set."""
    places = [*COMMON.values(), *FIELDS[unit].values()]
    mask = 0
    for first, width in places:
        mask |= ((1 << width) - 1) << first
    return mask


def encode(instructions):
    """A program's bytes: 32 for each instruction, little endian."""
    return b"".join(instruction.word().to_bytes(INSTRUCTION_BYTES, "little") for instruction in instructions)


def decode_word(word):
    """The Instruction of a 256-bit word; raises InputError for what the hardware calls illegal.

    Of fields that share bits those that the op uses are given, others only where bits are left.
    """
    unit_number, op_number = (word >> COMMON[name][0] & (1 << COMMON[name][1]) - 1 for name in ("unit", "op"))
    if unit_number >= len(UNITS):
        raise InputError(f"instruction: unit {unit_number} does not exist; there are {len(UNITS)}")
    unit = UNITS[unit_number]
    if op_number >= len(OPS[unit]):
        raise InputError(f"instruction: {unit} has no op {op_number}; it has {len(OPS[unit])}")
    if word & ~field_mask(unit):
        bit = (word & ~field_mask(unit)).bit_length() - 1
        raise InputError(f"instruction: bit {bit} is reserved in instructions of {unit}")
    fields, left = {}, word & ~_common_mask()
    for name, (first, width) in _names(unit, OPS[unit][op_number]):
        mask = ((1 << width) - 1) << first
        if left & mask:
            fields[name] = (word & mask) >> first
            left &= ~mask
    return Instruction(unit, OPS[unit][op_number], fields)


def _common_mask():
    return sum(((1 << width) - 1) << first for first, width in COMMON.values())


def _names(unit, op):
    """The fields of a unit in the order in which a word's bits are read: an op's own names first."""
    used = INSTRUCTIONS[op].fields.split() if unit == "vector" else ()
    own = [name for name in used if name in SECOND_NAMES]
    places = FIELDS[unit]
    others = [name for name in places if name not in own]
    return [(name, places[name]) for name in (*own, *others)]


def decode(program):
    """The instructions of a program's bytes; raises InputError with the number of one that is illegal."""
    if len(program) % INSTRUCTION_BYTES:
        raise InputError(f"program: {len(program)} bytes are not a multiple of {INSTRUCTION_BYTES}")
    instructions = []
    for number, start in enumerate(range(0, len(program), INSTRUCTION_BYTES)):
        word = int.from_bytes(program[start : start + INSTRUCTION_BYTES], "little")
        try:
            instructions.append(decode_word(word))
        except InputError as error:
            raise InputError(f"program: instruction {number}: {error}") from None
    return instructions


def assemble(text):
    """The instructions of a text: ``unit.op field=value …``, one to a line; ``#`` begins a comment.

    Values are decimal, or 0x… and 0b…. Raises InputError with the line's number.
    """
    instructions = []
    for number, line in enumerate(text.splitlines(), 1):
        words = line.split("#")[0].split()
        if words:
            try:
                instructions.append(_assemble_line(words))
            except InputError as error:
                raise InputError(f"line {number}: {error}") from None
    return instructions


def _assemble_line(words):
    name, *assignments = words
    unit, dot, op = name.partition(".")
    if not dot:
        raise InputError(f"instruction: expected unit.op, not {name!r}")
    fields = {}
    for assignment in assignments:
        key, equals, text = assignment.partition("=")
        if not equals:
            raise InputError(f"instruction: expected field=value, not {assignment!r}")
        if key in fields:
            raise InputError(f"instruction: field {key} is given twice")
        try:
            fields[key] = int(text, 0)
        except ValueError:
            raise InputError(f"instruction: {key} is {text!r}, it must be an integer") from None
    return Instruction(unit, op, fields)


def markdown_table():
    """The encoding table of docs/instructions.md."""
    lines = ["| unit | code | ops by code | fields: bits |", "|---|---|---|---|"]
    for code, unit in enumerate(UNITS):
        ops = ", ".join(f"{number} `{op}`" for number, op in enumerate(OPS[unit]))
        places = sorted(FIELDS[unit].items(), key=lambda item: item[1])
        fields = ", ".join(f"`{name}` {bit_range(*place)}" for name, place in places) or "–"
        lines.append(f"| {unit} | {code} | {ops} | {fields} |")
    return "\n".join(lines)


def bit_range(first, width):
    """Bits as text, highest first."""
    return str(first) if width == 1 else f"{first + width - 1}…{first}"
