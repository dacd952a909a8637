"""A row by itself: a vector is written, its peak goes over the columns, and it is quantised by the peak's scale."""

import numpy as np
import pytest
import unit_ports
from column_passes import Passes
from cycle_bench import SIMULATORS, Cycles

from golden.units.quantise import quantise
from myhdl_acc.rtl.config import AcceleratorConfig
from myhdl_acc.rtl.vector.arith.butterfly import latency as butterfly_latency
from myhdl_acc.rtl.vector.unit import column_statistics, vector_scales
from myhdl_acc.rtl.vector.unit.instructions import INSTRUCTIONS
from myhdl_acc.rtl.vector.unit.latencies import OPERAND
from myhdl_acc.rtl.vector.unit.records import HIGH, ROW_PEAK

TINY = AcceleratorConfig.preset("tiny")
LANES = TINY.lanes
NUMBER = 1


@pytest.mark.parametrize("backend", SIMULATORS)
def test_peak_and_levels(backend):
    """The peak of the last vector, whose words replace those of the one before, is what counts."""
    passes = Passes("bias", "embed", "quantise")
    words = len(passes.issues(0))
    before, x = np.random.default_rng(0).integers(-(1 << 20), 1 << 20, (2, LANES, words))
    del passes.inputs["scales_enabled"]
    for lane in range(LANES):
        for place, vector in enumerate((before, x)):
            issues = passes.issues(place * passes.length)
            passes.set(f"results_lane{lane:02d}_parameter", issues, vector[lane] & (1 << 32) - 1)
    passes.set("row_control_from_row", slice(passes.length, 2 * passes.length), 1)
    reduced = passes.commits(passes.length, INSTRUCTIONS["embed"])[-1] + column_statistics.LATENCY
    kept = reduced + butterfly_latency(LANES)
    passes.set("row_control_capture_peak", kept, 1)
    passes.set("row_control_capture_first", kept, 1)
    levels = passes.commits(2 * passes.length, INSTRUCTIONS["quantise"])
    read = passes.issues(2 * passes.length) + OPERAND
    assert kept + 1 + vector_scales.LATENCY <= read[0]
    watched = [f"given_lane{lane:02d}_level" for lane in range(LANES)]
    found = Cycles("row", unit_ports.row, TINY, backend, watched).run(
        passes.count,
        int(levels[0]),
        number=NUMBER,
        row_control_row=NUMBER,
        row_control_join_maximum=1,
        row_control_scalar_source=ROW_PEAK,
        control_reduce=HIGH,
        **passes.inputs,
    )
    wanted, _ = quantise(x.T.reshape(-1))
    have = np.stack([found[f"given_lane{lane:02d}_level"][levels] for lane in range(LANES)], axis=1)
    assert have.reshape(-1).tolist() == wanted.tolist()
