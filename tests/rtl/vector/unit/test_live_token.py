"""Tokens that count against golden's slots: every column, part and number of heads, a token in every cycle."""

import numpy as np
import pytest
import unit_ports
from cycle_bench import SIMULATORS, Cycles

from myhdl_acc.rtl.config import AcceleratorConfig
from myhdl_acc.rtl.vector.unit.instructions import LONGEST

TINY = AcceleratorConfig.preset("tiny")
COUNT, BLOCK = 600, 16 * TINY.atoms


@pytest.mark.parametrize("backend", SIMULATORS)
def test_by_slots(backend):
    rng = np.random.default_rng(0)
    inputs = {
        "number": rng.integers(0, 32, COUNT),
        "token_slot": rng.integers(0, 4 * BLOCK, COUNT),
        "token_sinks": rng.integers(0, 6 * BLOCK, COUNT),
        "token_part": rng.integers(0, 3, COUNT),
        "token_heads_log2": rng.integers(0, 6, COUNT),
        "only_filled": rng.random(COUNT) < 0.9,
        "limit": rng.integers(0, 8 * BLOCK, COUNT),
    }
    slot = inputs["token_slot"] + (inputs["number"] >> inputs["token_heads_log2"]) * BLOCK
    part = inputs["token_part"]
    above, below = slot >= inputs["token_sinks"], slot < inputs["token_sinks"]
    counts = (slot < inputs["limit"]) & np.choose(part, [np.ones(COUNT, bool), above, below])
    counts |= ~inputs["only_filled"]
    assert 0.2 < counts.mean() < 0.8
    bench = Cycles("live_token", unit_ports.live_token, TINY, backend)
    for latency in (0, 6, LONGEST):
        alive = bench.run(COUNT, latency + 1, latency=latency, **inputs)["alive"]
        assert np.array_equal(alive[latency + 1 :], counts[: COUNT - latency - 1])
