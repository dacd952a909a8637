"""What joins the columns of a row: sums of results over the butterfly, and words of levels that move to column 0."""

import numpy as np
import pytest
import unit_ports
from column_passes import WORDS, Passes
from cycle_bench import SIMULATORS, Cycles

from myhdl_acc.rtl.config import AcceleratorConfig
from myhdl_acc.rtl.vector.arith.butterfly import latency as butterfly_latency
from myhdl_acc.rtl.vector.unit.records import SUM

TINY = AcceleratorConfig.preset("tiny")
COUNT = 60


@pytest.mark.parametrize("backend", SIMULATORS)
def test_sums_over_columns(backend):
    sums = np.random.default_rng(0).integers(-1000, 1000, (TINY.lanes, COUNT))
    late = 1 + butterfly_latency(TINY.lanes)
    found = Cycles("row_columns", unit_ports.row_columns, TINY, backend, ["reduced"]).run(
        COUNT,
        late + 1,  # what reduces is told a cycle ahead
        control_take=1,
        control_reduce=SUM,
        **{f"results_lane{lane:02d}_sum": column for lane, column in enumerate(sums)},
    )
    assert np.array_equal(found["reduced"][late + 1 :], sums.sum(0)[1:-late])


@pytest.mark.parametrize("backend", SIMULATORS)
def test_words_move_to_column_0(backend):
    """Each column's last levels are at its top, and each shift shows the next column's word at column 0."""
    passes = Passes("bias", "gather", "gather", "gather")
    x = np.random.default_rng(1).integers(-100, 100, (TINY.lanes, WORDS))
    for lane in range(TINY.lanes):
        passes.set(f"results_lane{lane:02d}_parameter", passes.issues(0), x[lane] & (1 << 32) - 1)
    end = passes.count - 2 - TINY.lanes
    passes.set("control_shift_word", slice(end, end + TINY.lanes - 1), 1)
    watched = ["word", *(f"given_lane{lane:02d}_top" for lane in range(TINY.lanes))]
    found = Cycles("row_columns", unit_ports.row_columns, TINY, backend, watched).run(
        passes.count, end, scales_inverse_mantissa=1 << 15, scales_inverse_exponent=15, **passes.inputs
    )
    for lane in range(TINY.lanes):
        levels = np.tile(x[lane], 3).astype(np.int8)
        assert int(found[f"given_lane{lane:02d}_top"][end]).to_bytes(16, "little") == levels[-16:].tobytes()
        assert int(found["word"][end + lane]).to_bytes(32, "little") == levels[-32:].tobytes()
