"""What follows from a row of the table of vector instructions, and that the rows are what the golden machine does."""

from types import SimpleNamespace

import numpy as np
from vector_bench import TINY, model_of, run_machine

from golden.lambda_attention import LambdaRule
from golden.machine.vector import VectorUnit
from myhdl_acc.rtl.control.instruction import Instruction, assemble, decode, encode, markdown_table
from myhdl_acc.rtl.control.isa import FIELDS, OPS, RESIDENT
from myhdl_acc.rtl.vector.unit import latencies as chain
from myhdl_acc.rtl.vector.unit.datapaths import DATAPATHS
from myhdl_acc.rtl.vector.unit.flags import FLAGS
from myhdl_acc.rtl.vector.unit.instructions import HIDDEN, INSTRUCTIONS, VectorInstruction
from myhdl_acc.rtl.vector.unit.vector_decode import roms
from scripts.docs import vector_tables


def test_a_made_up_instruction_is_a_row_and_a_golden_method(monkeypatch):
    does = "M[dst+i] = 2·M[src+i]"
    row = VectorInstruction("eps src dst count", does, "–", HIDDEN, {"writes": 1}, "added", prepare=chain.PREPARE_STEP)
    code = len(INSTRUCTIONS)
    monkeypatch.setitem(INSTRUCTIONS, "double", row)
    monkeypatch.setitem(OPS, "vector", tuple(INSTRUCTIONS))
    monkeypatch.setattr(VectorUnit, "_do_double", lambda unit, i: unit._write(i, 2 * unit._read(i)), raising=False)

    (instruction,) = decode(encode(assemble("vector.double eps=9 src=1 dst=5 count=2")))
    assert (instruction.word() >> 3 & 31, instruction["eps"]) == (code, 9)
    assert f"{code} `double`" in markdown_table()
    assert "| `double` | eps src dst count | M[dst+i] = 2·M[src+i] | – |" in vector_tables.instructions()
    assert "`double` | 13 |" in vector_tables.latencies() and "`double` |" in vector_tables.waits()

    word = 1 << FLAGS["writes"][0] | list(DATAPATHS).index("added") << FLAGS["select"][0]
    assert [rom[code] for rom in roms(4)] == [word, 13, chain.PREPARE_STEP]

    unit = VectorUnit(SimpleNamespace(lanes=4), 1, 1, 8, None, None, None, None)
    unit.words[:], unit._known[:] = np.arange(32).reshape(1, 4, 8), True
    assert unit.execute(instruction)["memory"].tolist() == [[[2, 4], [18, 20], [34, 36], [50, 52]]]


def test_golden_has_every_instruction_and_reads_no_other_fields(monkeypatch):
    read, get = {}, Instruction.__getitem__

    def spy(instruction, name):
        if name not in RESIDENT:
            read.setdefault(instruction.op, set()).add(name)
        return get(instruction, name)

    monkeypatch.setattr(Instruction, "__getitem__", spy)
    tokens = [[1, 2], *([token % 40] for token in range(40))]  # past the first eviction
    for variant in ({"biased": True, "head_norms": True}, {"unrotated": (0,)}):
        run_machine(model_of(1, 7, **variant), LambdaRule(4, 28), TINY, tokens)
    for op, row in INSTRUCTIONS.items():
        assert read[op] - {"post"} <= set(row.fields.split()) <= set(FIELDS["vector"]), op
        assert all(value < 1 << FLAGS[name][1] for name, value in row.flags.items()), op
