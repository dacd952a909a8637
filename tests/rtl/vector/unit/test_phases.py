"""The phases of every instruction, and how many cycles each lasts."""

import numpy as np
import pytest
import unit_ports
from cycle_bench import SIMULATORS, Cycles

from myhdl_acc.rtl.config import AcceleratorConfig
from myhdl_acc.rtl.vector.arith import rope_angle
from myhdl_acc.rtl.vector.arith.butterfly import latency as butterfly_latency
from myhdl_acc.rtl.vector.unit.flags import LARGEST, NORM, SCALES, TOKEN
from myhdl_acc.rtl.vector.unit.instructions import INSTRUCTIONS
from myhdl_acc.rtl.vector.unit.phases import (
    ANGLE,
    COLUMNS,
    DRAIN,
    FINISH,
    FLUSH,
    IDLE,
    PAD,
    PREPARE,
    REDUCE,
    RUN,
    reduced,
    token_wait,
)

TINY = AcceleratorConfig.preset("tiny")
STAGES = butterfly_latency(TINY.lanes)
COUNT = 120


def lengths(op, last, backend="myhdl", **seen):
    """[(phase, cycles)] of an instruction whose conditions are all there from the first cycle on but for ``seen``."""
    row = INSTRUCTIONS[op]
    ready = {name: 1 for name in ("none_left", "block_end", "settled", "drained", "whole_beats", "shifted")}
    flags = {f"now_flags_{name}": row.flag(name) for name in ("makes_angle", "selects", "push_byte", "step", "after")}
    found = Cycles("phases", unit_ports.phases, TINY, backend).run(
        COUNT,
        accept=np.arange(COUNT) == 3,
        now_prepare=row.prepare,
        now_last=int(last),
        **flags,
        **{f"seen_{name}": value for name, value in (ready | seen).items()},
    )
    phase = found["phase"][4:]
    begins = np.flatnonzero(np.diff(phase)) + 1
    assert phase[-1] == IDLE
    starts = [0, *begins]
    for start, end in zip(starts[:-1], begins, strict=True):
        assert found["cycle"][4 + start : 4 + end].tolist() == list(range(end - start))
    return [(phase[start], end - start) for start, end in zip(starts[:-1], begins, strict=True)]


@pytest.mark.parametrize("last", [False, True])
@pytest.mark.parametrize("op", INSTRUCTIONS)
def test_every_instruction(op, last):
    row = INSTRUCTIONS[op]
    wanted = [(PREPARE, 1 + row.prepare)]
    if op == "angle":
        wanted += [(ANGLE, 1 + rope_angle.LATENCY)]
    elif op == "select":
        wanted += [(COLUMNS, 1)]
    else:
        wanted += [(RUN, 1), (FLUSH, 1)]
    if op == "gather":
        wanted += [(DRAIN, 1)]
    elif row.reduces_always or (row.flag("after") and last):
        two = row.flag("after") in (LARGEST, SCALES, NORM)
        wanted += [(REDUCE, 1 + (token_wait(TINY.lanes) if row.flag("after") == TOKEN else reduced(TINY.lanes) + two))]
        if row.flag("after") == SCALES:
            wanted += [(COLUMNS, 1)]
    assert lengths(op, last) == [*wanted, (FINISH, 1)]


@pytest.mark.parametrize("backend", SIMULATORS)
def test_conditions_are_waited_for(backend):
    after = np.arange(COUNT) >= 40
    for op, condition in (("quantise", "settled"), ("select", "shifted"), ("gather", "drained")):
        found = dict(lengths(op, False, backend, **{condition: after}))
        assert 4 + sum(cycles for one, cycles in found.items() if one != FINISH) == 41, op


def test_a_beat_is_filled_and_a_gather_goes_on():
    whole = np.arange(COUNT) >= 20
    assert (PAD, 20 - 7 + 1) in lengths("logits", False, whole_beats=whole)
    left = np.arange(COUNT) < 50
    found = lengths(
        "gather", False, none_left=~left, drained=np.arange(COUNT) % 8 == 0, block_end=np.arange(COUNT) % 4 == 0
    )
    assert [phase for phase, _ in found].count(DRAIN) > 1 and found[-1] == (FINISH, 1)
