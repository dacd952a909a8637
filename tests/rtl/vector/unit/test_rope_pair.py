"""Neighbouring columns' pairs rotated by the angles of a table, against golden: a pair in every cycle."""

import numpy as np
import pytest
import unit_ports
from cycle_bench import SIMULATORS, Cycles
from unit_bench import edge_values

from golden.units.rope import rotate
from myhdl_acc.rtl.config import AcceleratorConfig
from myhdl_acc.rtl.vector.unit.rope_pair import LATENCY, TABLE

TINY = AcceleratorConfig.preset("tiny")
ANGLES, COUNT = 16, 120


@pytest.mark.parametrize("backend", SIMULATORS)
def test_like_golden(backend):
    rng = np.random.default_rng(0)
    angle = rng.random(ANGLES) * 2 * np.pi
    table = [np.rint(part(angle) * 65536).astype(np.int64) for part in (np.cos, np.sin)]
    fill = np.minimum(np.arange(ANGLES + COUNT), ANGLES - 1)
    read = rng.integers(0, ANGLES, ANGLES + COUNT)
    even, odd = (edge_values(32, rng, ANGLES + COUNT) for _ in range(2))
    found = Cycles("rope_pair", unit_ports.rope_pair, TINY, backend).run(
        ANGLES + COUNT,
        ANGLES + LATENCY,
        angle_write=np.arange(ANGLES + COUNT) < ANGLES,
        angle_written=fill,
        angle_cosine=table[0][fill],
        angle_sine=table[1][fill],
        angle_read=read,
        issue=1,
        even=even,
        odd=odd,
    )
    of_issue = np.arange(ANGLES, ANGLES + COUNT - LATENCY)
    cosine, sine = (part[read[of_issue]] for part in table)
    at = of_issue + TABLE
    expected = rotate(even[at], odd[at], cosine, sine)
    for name, column in zip(("rotated_even", "rotated_odd"), expected, strict=True):
        assert np.array_equal(found[name][of_issue + LATENCY], column)
