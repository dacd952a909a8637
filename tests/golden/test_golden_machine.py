"""What the golden machine refuses; what it computes is tested with the compiler (tests/program/test_compiler.py)."""

import numpy as np
import pytest

from golden.layout import HeadLanes
from golden.machine import Machine, MachineFault, Memory
from golden.machine.engine import Engine, Results
from golden.machine.load import ActivationBuffer, NewTokens, Slices
from golden.machine.request import Request
from golden.units.patch import patch
from golden.units.resolve import WHEN
from myhdl_acc.rtl.control.instruction import Instruction, assemble

BEGIN = "control.pass capacity=64 chunk_log2=5\n"
END = "control.next target=0\ncontrol.end"
ANGLES, LOGITS, SEVERAL = (WHEN.index(name) for name in ("angles", "logits", "several"))


def machine(data=None):
    return Machine(Memory(np.zeros((1, 64, 16), np.uint8) if data is None else data), 2, 2, 64, 16)


def run(text, prompt=(0,), count=0):
    return machine().run(assemble(text), Request(prompt, count))


# A head of 32 words; its peak and the norm of it.
HEAD = "engine.meta middle=32 params=8 beats=8\nvector.bias count=32\n"
NORMED = HEAD + "vector.head_peak count=32 dims=32\nvector.head_square count=32 dims=32\n"
META = "engine.meta middle=4 params=1 beats=1\n"  # four parameters
EMBED = META + "vector.embed count=4 first=1\n"
VALUE = "engine.meta middle=1 params=1 beats=1 patch=2"


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("engine.meta base=60 middle=32 params=8 beats=8", "instruction 0: beats 60 … 67 lie outside"),
        (EMBED + "engine.meta middle=5 params=1 beats=1", "instruction 2: engine.meta: 1 parameter beats for 5"),
        ("engine.w2 base=40 params=1 skip=22 outer=1 middle=2 beats=3", "beats 63 … 64 lie outside"),
        ("engine.meta middle=4 params=1 beats=2", "engine.meta: takes 1 beats, 2 are read"),
        ("engine.w2 outer=1 middle=2 beats=2", "wants 1 slices, 0 are there"),
        ("engine.w8 outer=1 middle=2 beats=4", "engine.w8: loop counts"),
        ("engine.meta", "engine.meta: loop counts"),
        ("engine.qk outer=2 middle=1 beats=2", "engine.qk: a key is wider than a beat"),
        ("vector.embed count=4", "waits for results of an operation that was not given"),
        (META + "vector.embed count=3", "wants 3 results, the operation gives 4"),
        ("vector.head_peak count=4 dims=4", "words 0 … 3 are read but not all written"),
        ("vector.head_peak src=60 count=5 dims=5", "words 60 … 64 of 64"),
        ("vector.head_peak src=60", "words 60 … 59 of 64"),
        (META + "vector.requantise count=4", "step is used before"),
        (META + "vector.norm count=4", "read but not all written"),
        ("vector.select heads=1 entry=7", "table entry 7 is used before"),
        (EMBED + "vector.quantise count=4 scaled=1", "factor is used before"),
        (HEAD + "vector.head_square count=32 dims=32", "table entry 0 is used before"),
        (HEAD + "vector.range count=32 dims=32\nvector.head_square count=32 dims=32", "entry 0: drop is used before"),
        (HEAD + "vector.range count=32 dims=5", "vector.range: 32 elements are no heads of 5"),
        (HEAD + "vector.rope count=32 dims=32", r"angle \(0, 0\) is used before"),
        (NORMED + "vector.quantise_query count=32 dims=32", "table entry 0: inverse is used before"),
        ("vector.softmax count=64 filled=1", "vector.softmax: a valid score was not written"),
        ("vector.softmax count=4", "vector.softmax: 4 words are no whole slices of 64"),
        (EMBED + "vector.gather src=3 heads=1 dims=2", "vector.gather: words are read but not all written"),
        ("load.slice words=2 valid=1", "activation words 0 … 0 are read"),
        ("load.slice wait=1", "load.slice waits for ever"),
        ("load.query dims=16", "load.query: 16 dimensions"),
        ("load.key dims=64", "load.key: 64 dimensions"),
        (VALUE, "patches a value that was not loaded"),
        (META, "instruction 1: the pass ends with 1 results left over"),
        (META + "load.slice words=4\n" + META, "ends with 2 results, 2 slices left over"),
        (EMBED + "vector.add count=4", "instruction 2: the vector unit waits for results"),
    ],
)
def test_the_machine_refuses(body, message):
    with pytest.raises(MachineFault, match=message):
        run(f"{BEGIN}{body}\n{END}")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (BEGIN + EMBED + "control.next target=0", "no control.end"),
        ("", "no control.end"),
        (EMBED + "control.end", "engine.meta comes before a control.pass"),
        ("control.next\ncontrol.end", "control.next comes before a control.pass"),
        ("control.jump target=1\ncontrol.end", "control.jump comes before a control.pass"),
        ("control.repeat count=2\ncontrol.end", "control.repeat comes before a control.pass"),
    ],
)
def test_the_walk_refuses(text, message):
    with pytest.raises(MachineFault, match=message):
        run(text)


def test_nothing_is_done_after_the_end():
    assert run(f"{BEGIN}{END}\nload.slice wait=1").position == 1


def test_nothing_may_be_left_when_a_pass_begins():
    """Not only at the end: the first pass takes two tokens, the second one the third."""
    text = f"{BEGIN}engine.meta middle=4 params=1 beats=1 when={SEVERAL}\n{END}"
    with pytest.raises(MachineFault, match=r"^the pass ends with 1 results left over"):
        run(text, (0, 0, 0))


@pytest.mark.parametrize(
    ("write", "read", "what"),
    [
        ("vector.embed count=4 first=1", "vector.head_peak count=4 dims=4", "words 0 … 3 are read"),
        ("vector.embed count=4 first=1", "vector.gather heads=1 dims=2", "peak is used before"),
        (
            f"vector.bias count=4 when={SEVERAL}\nvector.head_peak count=4 dims=4",
            "vector.head_square count=4 dims=4",
            "table entry 0 is used before",
        ),
    ],
)
def test_a_pass_reads_nothing_of_the_one_before(write, read, what):
    once = f"{META.strip()} when={SEVERAL}\n{write} when={SEVERAL}\n"
    with pytest.raises(MachineFault, match=what):
        run(f"{BEGIN}{once}{read}\n{END}", (0, 0, 0))


def test_a_pass_keeps_the_angles_that_the_one_before_made_for_it():
    body = META + "vector.bias count=4\n"
    body += "".join(f"vector.angle pair={pair} increment=5 when={ANGLES}\n" for pair in range(2))
    body += "vector.rope dst=8 count=4 dims=4\n"
    body += "".join(f"vector.angle pair={pair} increment=5 when={LOGITS}\n" for pair in range(2))
    assert run(f"{BEGIN}{body}{END}", (0, 0, 0), 3).position == 5


def test_a_patch_buffer_holds_one_token():
    token = NewTokens("key")
    token.fill(1, 2)
    with pytest.raises(MachineFault, match=r"load\.key: the patch buffer was not released"):
        token.fill(1, 2)
    token.release()
    token.fill(3, 4)
    assert token.get() == (3, 4)


def test_the_activation_buffer_has_an_end():
    buffer = ActivationBuffer(2, 4)
    with pytest.raises(MachineFault, match="write of 64 values at 3 leaves the buffer"):
        buffer.write(3, np.zeros((2, 64), np.int8))


def test_writes_are_seen_when_memory_settles():
    memory = Memory(np.zeros((1, 4, 16), np.uint8))
    memory.write(np.array([0]), np.array([2]), np.full((1, 16), 7, np.uint8))
    assert not memory.read(2, 1).any()
    memory.settle()
    assert (memory.read(2, 1) == 7).all()
    with pytest.raises(MachineFault, match="beats 4 … 4 lie outside"):
        memory.write(np.array([0]), np.array([4]), np.zeros((1, 16), np.uint8))


def test_what_lies_behind_the_parameters_is_skipped():
    """The trace has the parameters of beat 1 and the sums of beats 4 and 5."""
    data = np.zeros((1, 64, 16), np.uint8)
    data[0, 1].view("<u4")[:] = [1, 2, 3, 4]
    data[0, 2:4] = 255
    memory, slices, results = Memory(data), Slices(), Results()
    slices.put(np.ones((1, 1, 2, 2, 32), np.int8))
    engine = Engine(memory, 2, 2, slices, {}, results)
    fields = {"outer": 1, "middle": 2, "params": 1, "skip": 2, "base": 1, "beats": 3}
    found = engine.execute(Instruction("engine", "qk", fields))
    assert found["parameters"][0].tolist() == [1, 2] and not found["sums"].any()
    slices.put(np.ones((1, 1, 2, 2, 32), np.int8))
    assert engine.execute(Instruction("engine", "qk", fields | {"skip": 0, "middle": 2}))["sums"].any()


def test_the_trace_says_what_was_written():
    """Row 1 begins at its own token; the words are what the vector unit's memory holds."""
    data = np.zeros((1, 4, 16), np.uint8)
    data[0, 0].view("<i4")[:] = [1, -2, 1 << 30, -(1 << 31)]
    data[0, 1].view("<i4")[:] = [5, 6, 7, 8]
    found = machine(data)
    row = "engine.meta base={0} middle=4 params=1 beats=1\nvector.embed dst=8 count=4 row={0} first=1 last=1\n"
    program = assemble(BEGIN + row.format(0) + row.format(1) + END)
    seen = []
    found.run(
        program, Request((0, 0), 0), lambda number, instruction, written: seen.append((number, instruction.op, written))
    )
    assert [(number, op) for number, op, _ in seen] == list(enumerate(["meta", "embed", "meta", "embed", "end"]))
    assert (seen[1][2]["memory"] == [1, -2, 1 << 30, -(1 << 31)]).all()
    assert seen[1][2]["peak"].tolist() == [1 << 31] * 2
    assert seen[3][2]["memory"][:, 0].tolist() == [[1, -2, 1 << 30, -(1 << 31)], [5, 6, 7, 8]]
    assert seen[3][2]["peak"].tolist() == [1 << 31, 8]
    assert (found.vector.words[:, :, 8:12] == seen[3][2]["memory"]).all()


def test_tokens_come_one_by_one():
    """Nothing is executed before somebody asks, and no more than what the next token needs."""
    found, numbers = machine(), []
    program = assemble(BEGIN + EMBED + END)
    walk = found.walk(program, Request((0,), 3))
    tokens = found.tokens_of(walk, trace=lambda number, *_: numbers.append(number))
    lengths = []
    for _ in tokens:
        lengths.append((len(walk.chosen), len(numbers)))
    assert lengths == [(1, 3), (2, 5), (3, 7)] and walk.reason == "count"


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
    patches, vectors, words = _new_tokens(rng, code, lanes, rows, dims)
    slices = Slices()
    slices.put(np.zeros((2, lanes, rows, atoms, 32), np.int8), local=op == "pv")
    engine = Engine(memory, rows, atoms, slices, patches, Results())
    positions = {"qk": middle * (1 + split), "meta": 64, "pv": blocks * 32}[op]
    tokens = int(rng.integers(1, rows + 1))
    slot = int(rng.integers(0, (positions // 32 << 3 - heads_log2) * 32 - tokens + 1))
    fields = {"middle": dims if op == "pv" else middle, "params": params, "patch": code, "slot": slot, "base": 5}
    fields |= {"tokens": tokens, "heads_log2": heads_log2, "split": int(split), "release": 1, "beats": beats}
    if op != "meta":
        fields["outer"] = blocks if op == "pv" else 1
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


def _new_tokens(rng, code, lanes, rows, dims):
    vectors = rng.integers(-8, 8, (lanes, rows, 32)).astype(np.int8)
    vectors[..., dims:] = 0
    words = rng.integers(0, 1 << 32, (lanes, rows)).astype(np.uint32)
    patches = {code: NewTokens("token")}
    patches[code].fill(vectors, words)
    return patches, vectors, words


def test_a_new_token_lies_within_its_operation():
    patches, *_ = _new_tokens(np.random.default_rng(0), 2, 1, 2, 32)
    engine = Engine(Memory(np.zeros((1, 8, 16), np.uint8)), 2, 2, Slices(), patches, Results())
    fields = {"middle": 4, "params": 1, "beats": 1, "patch": 2, "slot": 3, "tokens": 2}
    with pytest.raises(MachineFault, match=r"engine\.meta: the new token lies behind the operation"):
        engine.execute(Instruction("engine", "meta", fields))
