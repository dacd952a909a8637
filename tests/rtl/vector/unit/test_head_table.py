"""The table of heads against a dictionary, and its parameter words against golden's."""

import numpy as np
import pytest
import unit_ports
from cycle_bench import SIMULATORS, Cycles

from golden.machine.parameters import parameter_words
from golden.numerics import Scale
from myhdl_acc.rtl.config import AcceleratorConfig
from myhdl_acc.rtl.vector.unit.head_table import LATENCY

TINY = AcceleratorConfig.preset("tiny")
ENTRIES, COUNT = 8, 300


@pytest.mark.parametrize("backend", SIMULATORS)
def test_like_a_dictionary(backend):
    rng = np.random.default_rng(0)
    mantissa, exponent, zero = (rng.integers(low, high, COUNT) for low, high in ((0, 1 << 16), (-64, 192), (-128, 113)))
    upper = rng.integers(0, 1 << 26, COUNT)  # the inverse
    scales = [
        int(m) | (int(e) & 1023) << 16 | int(u) << 26 | (int(z) & 255) << 52
        for m, e, u, z in zip(mantissa, exponent, upper, zero, strict=True)
    ]
    inputs = {
        "write_entry": rng.integers(0, ENTRIES, COUNT),
        "write_scales": rng.random(COUNT) < 0.5,
        "write_sum": rng.random(COUNT) < 0.5,
        "write_new_scales": np.array(scales),
        "write_new_sum": rng.integers(0, 1 << 17, COUNT),
        "entry": rng.integers(0, ENTRIES, COUNT),
        "other_entry": rng.integers(0, ENTRIES, COUNT),
    }
    inputs["write_entry"][:ENTRIES] = np.arange(ENTRIES)
    inputs["write_scales"][:ENTRIES] = inputs["write_sum"][:ENTRIES] = True
    first = ENTRIES + LATENCY
    found = Cycles("head_table", unit_ports.head_table, TINY, backend).run(COUNT, first, **inputs)
    words = parameter_words(Scale(mantissa, exponent), zero)
    kept, sums = {}, {}  # entry: the cycle in which it was written
    for cycle in range(COUNT):
        if ENTRIES <= cycle < COUNT - LATENCY:
            entry, other = inputs["entry"][cycle], inputs["other_entry"][cycle]
            assert found["found_scales"][cycle + LATENCY] == scales[kept[entry]]
            assert found["found_sum"][cycle + LATENCY] == inputs["write_new_sum"][sums[entry]]
            assert found["parameter_word"][cycle + LATENCY] == words[kept[other]]
        if inputs["write_scales"][cycle]:
            kept[inputs["write_entry"][cycle]] = cycle
        if inputs["write_sum"][cycle]:
            sums[inputs["write_entry"][cycle]] = cycle
