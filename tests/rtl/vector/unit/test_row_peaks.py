"""The largest of the rows' peaks, as long after them with few rows as with many."""

import dataclasses

import numpy as np
import pytest
import unit_ports
from cycle_bench import SIMULATORS, Cycles
from unit_bench import edge_naturals

from myhdl_acc.rtl.config import AcceleratorConfig
from myhdl_acc.rtl.vector.unit.row_peaks import LATENCY

TINY = AcceleratorConfig.preset("tiny")
COUNT = 60


@pytest.mark.parametrize("rows", [2, 4, 6, 16])
@pytest.mark.parametrize("backend", SIMULATORS)
def test_largest(backend, rows):
    rng = np.random.default_rng(rows)
    peaks = np.stack([rng.permutation(edge_naturals(32, rng, COUNT)) for _ in range(rows)])
    config = dataclasses.replace(TINY, rows=rows)
    found = Cycles("row_peaks", unit_ports.row_peaks, config, backend).run(
        COUNT, LATENCY, **{f"peaks_row{row:02d}": one for row, one in enumerate(peaks)}
    )
    assert np.array_equal(found["largest"][LATENCY:], peaks.max(0)[: COUNT - LATENCY])
