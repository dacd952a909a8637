"""Tokens that count against golden's slots: every column, part and number of heads, a token in every cycle."""

import operator

import numpy as np
import pytest
import unit_ports
from cycle_bench import SIMULATORS, Cycles

from myhdl_acc.rtl.config import AcceleratorConfig
from myhdl_acc.rtl.vector.unit.live_token import LATENCY

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
        "token_cut": rng.random(COUNT) < 0.5,
        "left_out_first": rng.integers(0, 1 << 16, COUNT),
        "left_out_count": rng.integers(0, 31, COUNT),
        "token_heads_log2": rng.integers(0, 6, COUNT),
        "only_filled": rng.random(COUNT) < 0.9,
        "limit": rng.integers(0, 8 * BLOCK, COUNT),
    }
    inputs["left_out_wrapped"] = inputs["token_sinks"] + rng.integers(0, 17, COUNT)
    slot = inputs["token_slot"] + (inputs["number"] >> inputs["token_heads_log2"]) * BLOCK
    part = inputs["token_part"]
    inputs["token_sinks"][::4] = slot[::4]
    inputs["left_out_first"][1::2] = (slot - rng.integers(-2, 31, COUNT))[1::2] % (1 << 16)
    inputs["left_out_wrapped"][2::4] = slot[2::4] + rng.integers(0, 2, len(slot[2::4]))
    above, below = (compare(slot, inputs["token_sinks"]) for compare in (operator.ge, operator.lt))
    counts = (slot < inputs["limit"]) & np.choose(part, [np.ones(COUNT, bool), above, below])
    left_out = (slot - inputs["left_out_first"]) % (1 << 16) < inputs["left_out_count"]
    left_out |= above & (slot < inputs["left_out_wrapped"])
    counts &= ~(inputs["token_cut"] & left_out)
    counts |= ~inputs["only_filled"]
    assert 0.2 < counts.mean() < 0.8
    found = Cycles("live_token", unit_ports.live_token, TINY, backend).run(COUNT, LATENCY, **stepped(inputs))
    assert np.array_equal(found["alive"][LATENCY + 1 :], counts[1:-LATENCY])


def stepped(inputs):
    """The slots move from token to token; all else is the instruction's, and here as early or late as it may be."""
    late = {name: np.concatenate([column[:1], column[:-1]]) for name, column in inputs.items()}
    early = ("token_heads_log2", "number", "left_out_first")
    early = {name: np.concatenate([inputs[name][1:], inputs[name][-1:]]) for name in early}
    return late | early | {"token_slot": inputs["token_slot"]}
