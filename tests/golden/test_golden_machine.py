"""What the golden machine refuses; what it computes is tested with the compiler (tests/program/test_compiler.py)."""

import numpy as np
import pytest

from golden.layout import HeadLanes
from golden.machine import Machine, MachineFault, Memory
from golden.machine.engine import Engine, Results
from golden.machine.load import NewTokens, Slices
from golden.machine.memory import BeatStreams
from golden.units.patch import patch
from myhdl_acc.rtl.control.instruction import Instruction, assemble


def run(text):
    memory = Memory(np.zeros((1, 64, 16), np.uint8))
    return Machine(memory, 2, 2, 64, 16).run(assemble(text))


# A head of 32 words; its peak and the norm of it.
HEAD = "read.stream address=0 beats=8\nengine.meta middle=32 params=8\nvector.bias count=32\n"
NORMED = HEAD + "vector.head_peak count=32 dims=32\nvector.head_square count=32 dims=32\n"
META = "read.stream address=0 beats=1\nengine.meta middle=4 params=1\n"  # four parameters


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("read.stream address=0 beats=1", "no control.end"),
        ("read.stream address=60 beats=9\ncontrol.end", "instruction 0: beats 60 … 68 lie outside"),
        ("read.stream address=0 beats=1\ncontrol.end", "ends with 1 beats left over"),
        ("engine.meta middle=4 params=1", "engine wants 1 beats, 0 were read"),
        ("read.stream address=0 beats=1\nengine.meta middle=5 params=1", "1 parameter beats for 5 results"),
        ("read.stream address=0 beats=2\nengine.w2 outer=1 middle=2", "wants 1 slices, 0 are there"),
        ("read.stream address=0 beats=2\nengine.w8 outer=1 middle=2", "engine.w8: loop counts"),
        ("engine.meta", "engine.meta: loop counts"),
        ("vector.embed count=4", "waits for results of an operation that was not given"),
        (META + "vector.embed count=3", "wants 3 results"),
        ("vector.square count=4", "words 0 … 3 are read but not all written"),
        ("vector.square src=60 count=5", "words 60 … 64 of 64"),
        (
            META + "vector.requantise count=4",
            "step is used before",
        ),
        (
            META + "vector.norm count=4",
            "read but not all written",
        ),
        (META + "vector.values count=4", "least is used before"),
        ("vector.select heads=1 entry=7", "table entry 7 is used before"),
        (HEAD + "vector.head_square count=32 dims=32", "table entry 0 is used before"),
        (HEAD + "vector.range count=32 dims=32\nvector.head_square count=32 dims=32", "entry 0: drop is used before"),
        (NORMED + "vector.quantise_query count=32 dims=32", "table entry 0: inverse is used before"),
        ("load.slice words=2 valid=1", "activation words 0 … 0 are read"),
        ("load.slice wait=1", "load.slice waits for ever"),
        ("load.query dims=16", "load.query: 16 dimensions"),
        ("read.stream address=0 beats=1\nengine.meta middle=1 params=1 patch=2", "patches a value that was not loaded"),
        (
            "read.stream address=3 beats=1\nengine.meta middle=1 params=1 patch=2 base=2",
            "base is 2, its first beat is 3",
        ),
        (
            "read.stream address=0 beats=1\nread.stream address=9 beats=1\nengine.meta middle=8 params=2 patch=2",
            "base is 0, its beats are not consecutive",
        ),
    ],
)
def test_the_machine_refuses(text, message):
    with pytest.raises(MachineFault, match=message):
        run(text)


def test_the_trace_says_what_was_written():
    """Row 1 begins at its own token; the words are what the vector unit's memory holds."""
    data = np.zeros((1, 4, 16), np.uint8)
    data[0, 0].view("<i4")[:] = [1, -2, 1 << 30, -(1 << 31)]
    data[0, 1].view("<i4")[:] = [5, 6, 7, 8]
    machine = Machine(Memory(data), 2, 2, 64, 16)
    program = assemble(
        """read.stream address=0 beats=2
        engine.meta middle=4 params=1
        vector.embed dst=8 count=4 first=1 last=1
        engine.meta middle=4 params=1
        vector.embed dst=8 count=4 row=1 first=1 last=1
        control.end"""
    )
    seen = []
    machine.run(program, lambda number, instruction, written: seen.append((number, instruction.op, written)))
    assert [(number, op) for number, op, _ in seen] == list(
        enumerate(["stream", "meta", "embed", "meta", "embed", "end"])
    )
    assert (seen[2][2]["memory"] == [1, -2, 1 << 30, -(1 << 31)]).all()
    assert seen[2][2]["peak"].tolist() == [1 << 31] * 2
    assert seen[4][2]["memory"][:, 0].tolist() == [[1, -2, 1 << 30, -(1 << 31)], [5, 6, 7, 8]]
    assert seen[4][2]["peak"].tolist() == [1 << 31, 8]
    assert (machine.vector.words[:, :, 8:12] == seen[4][2]["memory"]).all()


def test_nothing_is_done_after_the_end():
    run("control.end\nload.slice wait=1")


@pytest.mark.parametrize("op", ["qk", "meta", "pv"])
@pytest.mark.parametrize("seed", range(6))
def test_patches_are_the_patch_units(op, seed):
    """What reaches memory is what the unit of every lane says, given its own tokens."""
    rng = np.random.default_rng(seed)
    lanes, rows, atoms = 8, 4, 2
    heads_log2, split = int(rng.integers(0, 4)), op == "qk" and seed % 2
    dims, middle, blocks = 16 if split else 32, 64, 3
    params = {"qk": 16 * (1 + split), "meta": 16, "pv": 0}[op]
    beats = params + {"qk": middle, "meta": 0, "pv": blocks * dims}[op]
    memory = Memory(rng.integers(0, 256, (lanes, 5 + beats, 8 * atoms)).astype(np.uint8))
    before = memory.data.copy()
    code = 1 if op == "qk" else 2
    vectors = rng.integers(-8, 8, (lanes, rows, 32)).astype(np.int8)
    vectors[..., dims:] = 0
    words = rng.integers(0, 1 << 32, (lanes, rows)).astype(np.uint32)
    patches = {code: NewTokens("token")}
    patches[code].fill(vectors, words)
    streams, slices = BeatStreams(memory), Slices()
    slices.put(np.zeros((2, lanes, rows, atoms, 32), np.int8), local=op == "pv")
    engine = Engine(memory, rows, atoms, streams, slices, patches, Results())
    positions = {"qk": middle * (1 + split), "meta": 64, "pv": blocks * 32}[op]
    tokens = int(rng.integers(1, rows + 1))
    slot = int(rng.integers(0, (positions // 32 << 3 - heads_log2) * 32 - tokens + 1))
    fields = {"middle": dims if op == "pv" else middle, "params": params, "patch": code, "slot": slot, "base": 5}
    fields |= {"tokens": tokens, "heads_log2": heads_log2, "split": int(split), "release": 1}
    if op != "meta":
        fields["outer"] = blocks if op == "pv" else 1
    streams.fetch(5, beats)
    engine.execute(Instruction("engine", op, fields))
    memory.settle()
    changed = 0
    for lane in range(lanes):
        places = [HeadLanes(lanes, heads_log2, 16 * atoms).position(slot + row, lane) for row in range(tokens)]
        places += [None] * (rows - tokens)
        command = (op, code, params, fields["middle"], split, places, vectors[lane], words[lane])
        expected, numbers = patch(before[lane, 5:], *command)
        assert np.array_equal(memory.data[lane, 5:], expected)
        changed += len(numbers)
    assert changed and patches[code].content is None
