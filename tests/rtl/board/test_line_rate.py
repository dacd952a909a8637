"""The line's rate in every cycle: behind which answers it changes, and when."""

import numpy as np
import pytest
from rate_bench import FIRST, rate_design
from step_by_step import SIMULATORS

from myhdl_acc.rtl.board.protocol import IDENTIFY, SET_RATE
from myhdl_acc.rtl.board.uart import STEP_BITS
from myhdl_acc.simulate import open_simulation

COUNT = 300


@pytest.mark.parametrize("backend", SIMULATORS)
def test_every_cycle(backend):
    """The line is busy from the cycle behind an answer on, for a while."""
    rng = np.random.default_rng(3)
    answered, idle = np.zeros(COUNT, bool), np.ones(COUNT, bool)
    cycle = 5
    while cycle < COUNT - 40:
        busy = int(rng.integers(1, 30))
        answered[cycle] = True
        idle[cycle + 1 : cycle + 1 + busy] = False
        cycle += busy + int(rng.integers(1, 10))
    inputs = {
        "operation": rng.choice([SET_RATE, IDENTIFY], COUNT),
        "value": rng.integers(0, 1 << 32, COUNT),
        "answered": answered,
        "idle": idle,
    }
    expected, step, wanted = [], FIRST, None
    for cycle in range(COUNT):
        expected.append(step)
        if wanted is not None and idle[cycle]:
            step, wanted = wanted, None
        if answered[cycle]:
            sets = inputs["operation"][cycle] == SET_RATE
            wanted = int(inputs["value"][cycle]) % (1 << STEP_BITS) if sets else None
    assert len(set(expected)) > 3
    with open_simulation(rate_design(), backend) as simulation:
        run = simulation.run({"sink": inputs}, {"source": COUNT}, record=True)
    assert run.cycles == COUNT and run.outputs["source"]["step"].tolist() == expected
