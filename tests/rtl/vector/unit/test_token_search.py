"""The rows' tokens among the lanes' candidates against golden's choice; ``keep`` in any cycle."""

import numpy as np
import pytest
import unit_ports
from cycle_bench import SIMULATORS, Cycles

from golden.units.argmax import argmax
from myhdl_acc.rtl.config import AcceleratorConfig

TINY = AcceleratorConfig.preset("tiny")
WAIT = (TINY.lanes - 1).bit_length()  # cycles of the merges
COUNT = 120


@pytest.mark.parametrize("backend", SIMULATORS)
def test_like_golden(backend):
    rng = np.random.default_rng(0)
    values = rng.integers(-3, 3, (TINY.lanes, TINY.rows, COUNT))
    indices = rng.integers(0, 1 << 16, values.shape) * TINY.lanes + np.arange(TINY.lanes)[:, None, None]
    keep = rng.random(COUNT) < 0.6
    keep[WAIT] = True
    inputs = {}
    for lane in range(TINY.lanes):
        for row in range(TINY.rows):
            inputs[f"bests_lane{lane:02d}_row{row:02d}_value"] = values[lane, row]
            inputs[f"bests_lane{lane:02d}_row{row:02d}_index"] = indices[lane, row]
    found = Cycles("token_search", unit_ports.token_search, TINY, backend).run(COUNT, WAIT + 1, keep=keep, **inputs)
    for cycle in range(WAIT, COUNT - 1):
        kept = max(at for at in range(WAIT, cycle + 1) if keep[at]) - WAIT
        for row in range(TINY.rows):
            order = np.argsort(indices[:, row, kept])
            best = order[argmax(values[order, row, kept])]
            token = int(found["token"][cycle + 1]) >> 32 * row & (1 << 32) - 1
            assert token == indices[best, row, kept]
