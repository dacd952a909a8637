"""All of a board's design but the lanes' memory: what a request over the line reaches."""

import dataclasses

from board_bench import board_design

from myhdl_acc.driver.device import START
from myhdl_acc.rtl.board.protocol import ANSWER, WRITE_MEMORY, WRITE_REGISTER, check, request
from myhdl_acc.rtl.config import AcceleratorConfig
from myhdl_acc.rtl.control.register_map import OFFSETS
from myhdl_acc.simulate import open_simulation

CONFIG = dataclasses.replace(AcceleratorConfig.preset("tiny"), lanes=1, rows=1, packed=0)


def test_the_line_reaches_registers_and_memory():
    """A start, which is answered, and a word; a cycle of all this takes milliseconds."""
    with open_simulation(board_design(CONFIG)) as simulation:
        start = request(WRITE_REGISTER, OFFSETS["ctrl"], START)
        run = simulation.run({"sink": {"data": list(start)}}, {"source": 8}, record=True)
        body = bytes([WRITE_REGISTER]) + bytes(4)
        assert bytes(run.outputs["source"]["data"].tolist()) == bytes([ANSWER]) + body + check(body)
        states = [event.state for event in run.events if event.unit == "running"]
        assert states == ["value:0", "value:1"]
        write = request(WRITE_MEMORY, 2 * 77, 1) + b"ab"
        run = simulation.run({"sink": {"data": list(write)}}, {"memory_source_command": 1, "memory_source_word": 1})
        found = run.outputs["memory_source_command"]
        assert (found["write"].tolist(), found["address"].tolist()) == ([1], [77])
        assert run.outputs["memory_source_word"]["data"].tolist() == [0x6261]
