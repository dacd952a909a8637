"""What the golden machine refuses; what it computes is tested with the compiler (tests/program/test_compiler.py)."""

import numpy as np
import pytest

from golden.machine import Machine, MachineFault, Memory
from myhdl_acc.control.instruction import assemble


def run(text):
    memory = Memory(np.zeros((1, 64, 16), np.uint8))
    return Machine(memory, 2, 2, 64, 16).run(assemble(text))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("read.stream address=0 beats=1", "no control.end"),
        ("read.stream address=60 beats=9\ncontrol.end", "instruction 0: beats 60 … 68 lie outside"),
        ("read.stream address=0 beats=1\ncontrol.end", "ends with 1 beats left over"),
        ("engine.meta middle=4 params=1", "engine wants 1 beats, 0 were read"),
        (
            "read.stream address=0 beats=1\nread.stream address=9 beats=1\nengine.meta middle=8 params=2",
            "not consecutive: 9 follows 0",
        ),
        ("read.stream address=0 beats=1\nengine.meta middle=5 params=1", "1 parameter beats for 5 results"),
        ("read.stream address=0 beats=2\nengine.w2 outer=1 middle=2", "wants 1 slices, 0 are there"),
        ("read.stream address=0 beats=2\nengine.w8 outer=1 middle=2", "engine.w8: loop counts"),
        ("engine.meta", "engine.meta: loop counts"),
        ("vector.embed count=4", "waits for results of an operation that was not given"),
        ("read.stream address=0 beats=1\nengine.meta middle=4 params=1\nvector.embed count=3", "wants 3 results"),
        ("vector.square count=4", "words 0 … 3 are read but not all written"),
        ("vector.square src=60 count=5", "words 60 … 64 of 64"),
        ("load.slice words=2 valid=1", "activation words 0 … 0 are read"),
        ("load.slice wait=1", "load.slice waits for ever"),
        ("vector.quantise wait=1", "vector.quantise waits for ever"),
        ("load.query dims=16", "load.query: 16 dimensions"),
        ("read.stream address=0 beats=1\nengine.meta middle=1 params=1 patch=2", "patches a value that was not loaded"),
        (
            "read.stream address=3 beats=1\nengine.meta middle=1 params=1 patch=2 base=2",
            "base is 2, its first beat is 3",
        ),
    ],
)
def test_the_machine_refuses(text, message):
    with pytest.raises(MachineFault, match=message):
        run(text)


def test_nothing_is_done_after_the_end():
    run("control.end\nload.slice wait=1")
