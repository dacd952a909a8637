"""From engine instructions to every lane's read commands."""

from itertools import chain

import numpy as np
import pytest
from issue_checks import as_words, check_idle, patterns, random_instructions
from myhdl import Signal

from myhdl_acc.hdl.stream import Array, Stream
from myhdl_acc.report.synthesis import depths
from myhdl_acc.rtl.control.instruction import Instruction
from myhdl_acc.rtl.control.read_issue import LATENCY, read_issue
from myhdl_acc.rtl.memory.channels import read_command_stream
from myhdl_acc.simulate import BACKENDS, Design, clock, open_simulation, reset
from myhdl_acc.simulate.backpressure import gap_array
from myhdl_acc.simulate.exercise import PATTERNS
from myhdl_acc.simulate.scoreboard import check_run

LANES = [f"source_ch{lane:02d}" for lane in range(3)]


def design():
    return Design(
        read_issue,
        clk=clock(),
        rst=reset(),
        sink=Stream(word=256),
        source=Array("ch", [read_command_stream() for _ in LANES]),
        idle=Signal(bool(0)),
    )


def instructions(count, seed):
    """Half of them without ``skip``; none has more parameters than beats."""
    rng = np.random.default_rng(seed)
    made = []
    for one in random_instructions("engine", count, seed):
        fields = {name: one[name] for name in ("base", "beats", "params", "skip", "slot")}
        fields["beats"] = max(fields["beats"], fields["params"])
        fields["skip"] *= int(rng.integers(2))
        made.append(Instruction("engine", one.op, fields))
    return made


def commands(one):
    """(address, beats) of all commands of an instruction."""
    base, beats, params, skip = (one[name] for name in ("base", "beats", "params", "skip"))
    if not skip:
        return [(base, beats)]
    return [(base, params), ((base + params + skip) % (1 << 32), beats - params)]


def run(simulation, words, pattern):
    """The recorded run of all ``words``, whose commands are right, and how many commands each makes."""
    made = [commands(one) for one in words]
    address, beats = zip(*chain(*made), strict=True)
    expected = {lane: {"address": address, "beats": beats} for lane in LANES}
    into, out = PATTERNS[pattern]
    gaps = {lane: gap_array(out, len(beats), seed) for seed, lane in enumerate(LANES)}
    gaps["sink"] = gap_array(into, len(words), 7)
    result = simulation.run(
        {"sink": as_words(words)}, dict.fromkeys(LANES, len(beats)), gaps, record=True
    )  # fmt: skip
    check_run(result, expected)
    return result, np.array([len(one) for one in made])


@pytest.mark.parametrize("backend", BACKENDS)
def test_read(backend):
    words = instructions(40, 1)
    with open_simulation(design(), backend) as simulation:
        for pattern in patterns(backend):
            run(simulation, words, pattern)


def test_a_command_per_cycle():
    """The first one of each instruction LATENCY cycles after it, the second one in the next cycle."""
    with open_simulation(design(), "myhdl") as simulation:
        result, counts = run(simulation, instructions(40, 2), "full_speed")
    assert set(counts) == {1, 2}
    first = np.cumsum(counts) - counts
    for lane in LANES:
        cycles = result.transfers[lane]
        assert (np.diff(cycles) == 1).all()
        # An instruction is taken in the cycle of the last command of the one before.
        assert (cycles[first] == result.transfers["sink"] + LATENCY).all()


def test_idle():
    words = instructions(40, 3)
    with open_simulation(design(), "myhdl") as simulation:
        result, counts = run(simulation, words, "random")
    last = np.cumsum(counts) - 1
    for lane in LANES:
        result.transfers[lane] = result.transfers[lane][last]
    check_idle(result, LANES)


def test_levels():
    assert max(depths(design()).values()) <= 9
