"""From read instructions to every lane's commands."""

import pytest
from issue_checks import as_words, check_idle, check_speed, patterns, random_instructions
from myhdl import Signal

from myhdl_acc.hdl.stream import Array, Stream
from myhdl_acc.rtl.control import read_issue as read_unit
from myhdl_acc.rtl.control.read_issue import read_issue
from myhdl_acc.rtl.memory.channels import read_command_stream
from myhdl_acc.simulate import BACKENDS, Design, clock, reset
from myhdl_acc.simulate.exercise import exercise


@pytest.mark.parametrize("backend", BACKENDS)
def test_read(backend):
    instructions = random_instructions("read", 30, 1)
    lanes = [f"source_ch{lane:02d}" for lane in range(3)]
    design = Design(
        read_issue,
        clk=clock(),
        rst=reset(),
        sink=Stream(word=256),
        source=Array("ch", [read_command_stream() for _ in lanes]),
        idle=Signal(bool(0)),
    )
    words = {name: [instruction[name] for instruction in instructions] for name in ("address", "beats")}
    runs = exercise(design, {"sink": as_words(instructions)}, dict.fromkeys(lanes, words), backend, patterns(backend))
    if backend == "myhdl":
        check_speed(runs["full_speed"], lanes, read_unit.LATENCY)
        check_idle(runs["random"], lanes)
