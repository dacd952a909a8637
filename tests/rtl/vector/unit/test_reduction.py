"""What the butterfly gets and who keeps what it shows, for every instruction of the table, in every phase."""

import numpy as np
import unit_ports
from cycle_bench import Cycles

from myhdl_acc.rtl.config import AcceleratorConfig
from myhdl_acc.rtl.vector.unit.flags import LARGEST, NORM, PEAK, SCALES
from myhdl_acc.rtl.vector.unit.instructions import INSTRUCTIONS
from myhdl_acc.rtl.vector.unit.phases import FINISH, REDUCE, RUN, reduced
from myhdl_acc.rtl.vector.unit.records import HIGH, SECOND, SUM, TOTAL

TINY = AcceleratorConfig.preset("tiny")
WHOLE = reduced(TINY.lanes)
#: What is kept when the first statistic is there, and when the second is.
KEEPERS = {
    LARGEST: ("capture_largest", "capture_bound"),
    SCALES: ("capture_correction", "capture_total"),
    PEAK: ("row_capture_peak", None),
    NORM: ("row_capture_peak", "row_capture_total"),
}
#: What enters the butterfly: in the first cycle and afterwards ``reduce`` and ``maximum``, and from which stage on.
ENTERED = {
    LARGEST: ((HIGH, 1), (SECOND, 1), 3),
    SCALES: ((SECOND, 0), (TOTAL, 0), 3),
    PEAK: ((HIGH, 1), (HIGH, 1), 0),
    NORM: ((HIGH, 1), (TOTAL, 0), 0),
}


def test_every_instruction():
    cases = [(row, phase, cycle) for row in INSTRUCTIONS.values() for phase in range(10) for cycle in range(WHOLE + 2)]

    def column(of):
        return np.array([of(*case) for case in cases])

    flags = {
        f"now_flags_{name}": column(lambda row, *_, name=name: row.flag(name))
        for name in ("after", "path", "track_total", "step")
    }
    found = Cycles("reduction", unit_ports.reduction, TINY).run(
        len(cases),
        phase=column(lambda _, phase, __: phase),
        cycle=column(lambda _, __, cycle: cycle),
        now_heads_log2=3,
        **flags,
    )
    for at, (row, phase, cycle) in enumerate(cases):
        after = row.flag("after")
        shown = {name for name, values in found.items() if "capture" in name and values[at]} - {"row_capture_first"}
        # A norm's peak takes the place of the peak that its words had.
        assert found["row_capture_first"][at] == (after == NORM)
        keepers = KEEPERS.get(after, (None, None)) if phase == REDUCE else (None, None)
        wanted = {keeper for late, keeper in enumerate(keepers) if keeper and cycle == WHOLE + late}
        if phase == FINISH and row.flag("step"):
            wanted.add("row_capture_step")
        assert shown == wanted, (row.does, phase)
        if phase == REDUCE and after in ENTERED:
            first, second, stage = ENTERED[after]
            entered = found["reduce"][at], found["join_maximum"][at]
            assert entered == (second if cycle else first)
            assert found["join_first_stage"][at] == stage


def test_heads_and_mixed_values():
    """While indices run: sums of heads, the largest and then the least of heads, sums of mixed values."""
    found = Cycles("reduction", unit_ports.reduction, TINY).run(
        4,
        phase=RUN,
        now_flags_track_total=[1, 0, 0, 0],
        shown_low=[0, 0, 1, 0],
        now_flags_path=[0, 0, 0, INSTRUCTIONS["mix"].flag("path")],
        now_heads_log2=2,
    )
    assert found["reduce"].tolist() == [TOTAL, HIGH, SECOND, SUM]
    assert found["join_maximum"].tolist() == [0, 1, 1, 0]
    assert found["join_first_stage"].tolist() == [0, 0, 0, 2]
