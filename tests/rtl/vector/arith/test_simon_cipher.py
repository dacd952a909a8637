"""Ciphers as close as they may come, each with keys of its own, against golden."""

import numpy as np
import pytest
from norm_designs import BLOCKS
from unit_bench import fields, unit_bench

from golden.units.simon import encrypt, round_keys
from myhdl_acc.hdl.stream import Stream
from myhdl_acc.rtl.vector.arith.simon_rounds import PARTS, STEPS, TOGETHER
from myhdl_acc.simulate import BACKENDS, Design, clock, open_simulation, reset
from myhdl_acc.simulate.scoreboard import check_words

CIPHERS = 20


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_block_begins_while_those_before_are_on_their_way(backend):
    rng = np.random.default_rng(1)
    plain, key = rng.integers(0, 1 << 32, CIPHERS), rng.integers(0, 1 << 64, CIPHERS, np.uint64)
    keys = round_keys(key)
    parts = keys.T.reshape(CIPHERS, PARTS, STEPS, TOGETHER)
    # A word's keys of each part are of a cipher that began STEPS words before that of the part before.
    data = np.zeros((CIPHERS + PARTS - 1, STEPS, PARTS, TOGETHER), int)
    for part in range(PARTS):
        data[part : part + CIPHERS, :, part] = parts[:, part]
    words = {
        "start": np.tile(np.arange(STEPS) == 0, len(data)).astype(int),
        "plain": np.repeat(np.append(plain, np.zeros(PARTS - 1, int)), STEPS),
        "keys": np.ascontiguousarray(data, "<u2").view(np.uint8).reshape(STEPS * len(data), -1),
    }
    sink, source = (Stream(**fields(widths)) for widths in BLOCKS["simon_cipher"])
    design = Design(unit_bench, clk=clock(), rst=reset(), sink=sink, source=source, unit="simon_cipher")
    with open_simulation(design, backend) as simulation:
        state = simulation.run({"sink": words}, {"source": len(data) * STEPS}).outputs["source"]["state"]
    check_words({"state": state[: STEPS * CIPHERS : STEPS]}, {"state": encrypt(plain, keys)})
