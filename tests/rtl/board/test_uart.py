"""Bytes on a serial line, bit by bit: how long a bit is, what the receiver forgives, and what is no byte."""

import math

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from step_by_step import SIMULATORS
from uart_bench import receiver_design, transmitter_design

from myhdl_acc.rtl.board.protocol import RATE
from myhdl_acc.rtl.board.uart import STEP_BITS, step_of
from myhdl_acc.simulate import open_simulation

HZ = 50_000_000
STEP = step_of(RATE, HZ)
BIT = HZ / RATE  # cycles
BYTES = [0x00, 0xFF, 0xA5, 0x01, 0x80, 0x5A]


def levels(bits, bit=BIT, shift=0.0):
    """The line in every cycle: ``bits``, each ``bit`` cycles long, the first ``shift`` of a cycle late."""
    count = math.ceil(len(bits) * bit + shift)
    return [bits[max(0, math.floor((cycle + 1 - shift) / bit))] for cycle in range(count - 1)]


def frame(byte, stop=1):
    return [0, *(byte >> place & 1 for place in range(8)), stop]


def frames(data):
    return [bit for byte in data for bit in frame(byte)]


class Line:
    def __init__(self, simulation):
        self._simulation = simulation

    def hear(self, line, expected):
        """``line`` brings exactly the bytes ``expected``: gives the cycles in which they were shown."""
        idle = [1] * math.ceil(12 * BIT)
        run = self._simulation.run({"sink": {"level": line + idle}}, {"source": len(expected)}, record=True)
        assert run.outputs["source"]["data"].tolist() == list(expected)
        later = self._simulation.run({"sink": {"level": [1]}})
        assert later.counts["source"]["stalled"] == 0  # none is left
        return run.transfers["source"]


@pytest.fixture(scope="module")
def line():
    with open_simulation(receiver_design(STEP)) as simulation:
        yield Line(simulation)


def test_step():
    assert step_of(3_000_000, 50_000_000) == 3932 and step_of(1, 4) == 1 << STEP_BITS - 2
    for rate, hz in ((1, 3), (1, 1 << 20)):
        with pytest.raises(ValueError, match="are not possible at"):
            step_of(rate, hz)


@pytest.mark.parametrize("backend", SIMULATORS)
def test_what_is_sent(backend):
    """Each bit begins within a cycle of its time; ten bits and a cycle from byte to byte; high before and behind."""
    with open_simulation(transmitter_design(), backend) as simulation:
        run = simulation.run({"sink": {"data": [*BYTES, 0]}, "step": STEP}, record=True)
    seen = np.ones(run.cycles, int)
    for event in run.events:
        if event.unit == "line":
            seen[event.cycle_start : event.cycle_end] = int(event.state.removeprefix("value:"))
    starts = run.transfers["sink"]
    assert set(np.diff(starts)) <= {math.floor(10 * BIT) + 1, math.ceil(10 * BIT) + 1}
    assert seen[: starts[0] + 1].all()
    for start, byte in zip(starts[:-1].tolist(), BYTES, strict=True):
        for place, bit in enumerate(frame(byte)):
            begin = start + 1 + place * BIT
            assert (seen[math.ceil(begin + 1) : math.floor(begin + BIT)] == bit).all(), (byte, place)


@pytest.mark.parametrize("backend", SIMULATORS)
def test_back_to_back(backend):
    """Each byte in the middle of its stop bit."""
    with open_simulation(receiver_design(STEP), backend) as simulation:
        shown = Line(simulation).hear(levels(frames(BYTES)), BYTES)
    wanted = (10 * np.arange(len(BYTES)) + 9.5) * BIT
    # Two registers before the line is seen, one for the byte, one of the bench; the phase is whole cycles.
    assert (shown - wanted > 2).all() and (shown - wanted < 6).all()


@settings(max_examples=12, deadline=None, phases=(Phase.generate,))
@given(st.binary(min_size=1, max_size=3), st.floats(-0.03, 0.03), st.floats(0, 1))
def test_a_rate_that_is_off(line, data, off, shift):
    """By 3 % either way, at any phase of the clocks."""
    line.hear(levels(frames(data), BIT * (1 + off), shift), data)


def test_a_rate_that_is_too_far_off(line):
    """By 8 % the last bits are not where they are looked for."""
    with pytest.raises(AssertionError):
        line.hear(levels(frames(b"\x80"), BIT * 1.08), b"\x80")


def test_a_glitch_is_no_start_bit(line):
    for cycles in (1, 4, math.floor(BIT / 2) - 1):
        line.hear([0] * cycles + [1] * 20 + levels(frames(b"U")), b"U")


def test_a_byte_without_a_stop_bit_is_none(line):
    """The line is low at the middle of the stop bit, and not for long after it."""
    for byte in (0, 0x93):
        broken = levels(frame(byte, stop=0))[: -math.floor(BIT / 4)]
        line.hear(broken + [1] * 20 + levels(frames(b"U")), b"U")
