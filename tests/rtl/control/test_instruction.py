"""Instructions as words and as text: round trips, and one clear line for everything that is wrong."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from golden.errors import InputError
from myhdl_acc.rtl.control import instruction as unit
from myhdl_acc.rtl.control.instruction import Instruction, assemble, decode, decode_word, encode
from myhdl_acc.rtl.control.isa import COMMON, FIELDS, INSTRUCTION_BITS, OPS, UNITS

DOCS = Path(__file__).parents[3] / "docs"


@st.composite
def instructions(draw):
    """Any instruction whose fields do not share bits."""
    name = draw(st.sampled_from(UNITS))
    fields, taken = {}, set()
    for key in draw(st.permutations(list(FIELDS[name]))):
        first, width = FIELDS[name][key]
        bits = set(range(first, first + width))
        if not bits & taken and draw(st.booleans()):
            taken |= bits
            largest = (1 << width) - 1
            fields[key] = draw(st.one_of(st.sampled_from([1, largest]), st.integers(1, largest)))
    return Instruction(name, draw(st.sampled_from(OPS[name])), fields)


def test_fields_fit_the_word_and_shared_bits_are_the_vector_units_alone():
    for name in UNITS:
        taken = {}
        for key, (first, width) in {**COMMON, **FIELDS[name]}.items():
            assert first + width <= INSTRUCTION_BITS
            for bit in range(first, first + width):
                assert bit not in taken or name == "vector", (name, key, taken.get(bit))
                taken[bit] = key
        assert len(OPS[name]) <= 1 << COMMON["op"][1]


@given(st.lists(instructions(), max_size=8))
def test_words_round_trip(program):
    data = encode(program)
    assert len(data) == 32 * len(program)
    assert encode(decode(data)) == data


@given(instructions())
def test_a_field_lies_where_the_table_says(instruction):
    word = instruction.word()
    assert word & 7 == UNITS.index(instruction.unit)
    assert word >> 3 & 31 == OPS[instruction.unit].index(instruction.op)
    for key, value in instruction.fields.items():
        first, width = FIELDS[instruction.unit][key]
        assert word >> first & (1 << width) - 1 == value == instruction[key]


def test_shared_bits_are_read_by_the_op():
    for text in (
        "vector.norm src=1 eps=0xF00000000001",
        "vector.angle position=131072 increment=281474976710655 pair=3 row=1",
        "vector.logits address=4294967295",
        "vector.scores filled=70000 sinks=4 part=2",
        "vector.norm exponent=1023",
        "vector.select mantissa=65535 exponent=1",
    ):
        (instruction,) = assemble(text)
        assert decode_word(instruction.word()) == instruction


def test_comments_and_number_bases():
    assert assemble("# a program\n\n engine.w2 base=0x10 beats=0b11 # twice\ncontrol.end") == [
        Instruction("engine", "w2", {"base": 16, "beats": 3}),
        Instruction("control", "end"),
    ]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("mover.go", "no unit 'mover'; there are control, engine, load, vector"),
        ("engine.w3", "engine has no op 'w3'; it has w2, w4, w8, qk, pv, meta"),
        ("control.end wait=1", f"control has no field 'wait'; its fields: {', '.join(FIELDS['control'])}"),
        ("engine.w2 beats=-1", "beats is -1, it must be an integer from 0 to 4294967295"),
        ("engine.w2 inner=4", "inner is 4, it must be an integer from 0 to 3"),
        ("engine.w2 inner=x", "inner is 'x', it must be an integer"),
        ("engine.w2 inner", "expected field=value, not 'inner'"),
        ("engine.w2 inner=1 inner=1", "field inner is given twice"),
        ("end", "expected unit.op, not 'end'"),
        ("vector.norm eps=1 filled=2", "filled=2 shares bits with another field that differs there"),
    ],
)
def test_errors_name_the_line(line, message):
    with pytest.raises(InputError, match=f"^{re.escape(f'line 2: instruction: {message}')}$"):
        assemble(f"control.end\n{line}\n")


@pytest.mark.parametrize(
    ("word", "message"),
    [
        (4, "unit 4 does not exist; there are 4"),
        (8 << 3, "control has no op 8; it has 8"),
        (1 << 255, "bit 255 is reserved in instructions of control"),
        (2 | 1 << 9, "bit 9 is reserved in instructions of load"),
    ],
)
def test_illegal_words(word, message):
    with pytest.raises(InputError, match=f"^{re.escape(f'program: instruction 1: instruction: {message}')}$"):
        decode(bytes(32) + word.to_bytes(32, "little"))


def test_a_program_is_whole_words():
    with pytest.raises(InputError, match="33 bytes are not a multiple of 32"):
        decode(bytes(33))


def test_the_documentation_has_the_encoding():
    assert unit.markdown_table() in (DOCS / "instructions.md").read_text()
