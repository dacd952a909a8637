"""From instruction words to commands: every field where it belongs, for every unit that takes plain commands."""

import numpy as np
import pytest
from myhdl import Signal

from myhdl_acc.config import AcceleratorConfig
from myhdl_acc.control import engine_issue as engine_unit
from myhdl_acc.control import read_issue as read_unit
from myhdl_acc.control.engine_issue import engine_issue
from myhdl_acc.control.instruction import Instruction
from myhdl_acc.control.isa import FIELDS, OPS
from myhdl_acc.control.read_issue import read_issue
from myhdl_acc.engine.command import META, MODES, command_stream
from myhdl_acc.memory.channels import read_command_stream
from myhdl_acc.simulate import BACKENDS, Design, clock, reset
from myhdl_acc.stream import Array, Stream
from myhdl_acc.stream.exercise import exercise

CONFIG = AcceleratorConfig.preset("tiny")


def random_instructions(unit, count, seed, limits=None):
    """Instructions of a unit with random fields, one value in four the largest; ``limits``: widths of some fields."""
    rng = np.random.default_rng(seed)
    widths = {name: (limits or {}).get(name, width) for name, (_, width) in FIELDS[unit].items()}

    def value(width):
        largest = (1 << width) - 1
        return largest if rng.random() < 0.25 else int(rng.integers(0, largest, endpoint=True))

    return [
        Instruction(unit, str(rng.choice(OPS[unit])), {name: value(width) for name, width in widths.items()})
        for _ in range(count)
    ]


def as_words(instructions):
    data = b"".join(instruction.word().to_bytes(32, "little") for instruction in instructions)
    return {"word": np.frombuffer(data, np.uint8).reshape(-1, 32)}


def patterns(backend):
    return ("full_speed", "random", "bursty") if backend == "myhdl" else ("random",)


def check_speed(run, sources, latency):
    for source in sources:
        assert (run.transfers[source] - run.transfers["sink"] == latency).all()
        assert (np.diff(run.transfers[source]) == 1).all()


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


def check_idle(run, sources):
    """``idle`` is low exactly in the cycles in which an instruction is held: from the one after its transfer at the
    sink to that of its last transfer at a source."""
    idle = np.concatenate(
        [
            np.full(event.cycle_end - event.cycle_start, event.state == "value:1")
            for event in run.events
            if event.unit == "idle"
        ]
    )
    held = np.zeros(run.cycles, bool)
    last = np.max([run.transfers[source] for source in sources], axis=0)
    for first, end in zip(run.transfers["sink"], last, strict=True):
        held[first + 1 : end + 1] = True
    assert (idle == ~held).all()
