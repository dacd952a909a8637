"""A program for people: every instruction has a line, which says where a jump leads and what it is conditional on."""

from myhdl_acc.program.listing import listing
from myhdl_acc.rtl.control.instruction import assemble

PROGRAM = """
control.pass capacity=64 sinks=2
vector.angle pair=3 when=4
vector.scores after=0 until=4 start=2 limit=4 dst=7
vector.values after=1 until=2
control.jump target=2 when=5
control.repeat target=1 count=3 stride=100
control.next
control.end
"""


def test_lines():
    assert list(listing(assemble(PROGRAM))) == [
        "    0> control.pass capacity=64 sinks=2",
        "    1>   vector.angle pair=3   # if angles",
        "    2>   vector.scores dst=7   # blocks and marks from 2 to min(4, end)",
        "    3    vector.values   # blocks and marks from new to new_end",
        "    4    control.jump target=2   # if several",
        "    5    control.repeat target=1 count=3 stride=100",
        "    6  control.next",
        "    7  control.end",
    ]


def test_every_instruction_of_a_program_has_a_line(compiler):
    lines = list(listing(compiler.program))
    assert len(lines) == len(compiler.program)
    assert sum("# if capped" in line for line in lines) > 0
