"""From engine instructions to the engine's commands: every field where it belongs."""

import pytest
from issue_checks import as_words, check_idle, check_speed, patterns, random_instructions
from myhdl import Signal

from myhdl_acc.hdl.stream import Stream
from myhdl_acc.rtl.config import AcceleratorConfig
from myhdl_acc.rtl.control import engine_issue as engine_unit
from myhdl_acc.rtl.control.engine_issue import engine_issue
from myhdl_acc.rtl.control.isa import FIELDS
from myhdl_acc.rtl.engine.command import META, MODES, command_stream
from myhdl_acc.simulate import BACKENDS, Design, clock, reset
from myhdl_acc.simulate.exercise import exercise

CONFIG = AcceleratorConfig.preset("tiny")


@pytest.mark.parametrize("backend", BACKENDS)
def test_engine(backend):
    stream = command_stream(CONFIG)
    limits = {name: len(field) for name, field in stream.payload().items() if name in FIELDS["engine"]}
    instructions = random_instructions("engine", 30, 2, limits)
    design = Design(engine_issue, clk=clock(), rst=reset(), sink=Stream(word=256), source=stream, idle=Signal(bool(0)))
    codes = {**MODES, "meta": META}
    words = {name: [instruction[name] for instruction in instructions] for name in limits}
    words["mode"] = [codes[instruction.op] for instruction in instructions]
    assert words.keys() == stream.payload().keys()
    words = {name: words[name] for name in stream.payload()}
    runs = exercise(design, {"sink": as_words(instructions)}, {"source": words}, backend, patterns(backend))
    if backend == "myhdl":
        check_speed(runs["full_speed"], ["source"], engine_unit.LATENCY)
        check_idle(runs["random"], ["source"])
