"""What the butterfly gets and who keeps what it shows, for every instruction of the table, in every phase."""

import numpy as np
import unit_ports
from cycle_bench import Cycles

from myhdl_acc.rtl.config import AcceleratorConfig
from myhdl_acc.rtl.vector.arith.butterfly import latency as butterfly_latency
from myhdl_acc.rtl.vector.unit.flags import LARGEST, NORM, PEAK, SCALES
from myhdl_acc.rtl.vector.unit.instructions import INSTRUCTIONS
from myhdl_acc.rtl.vector.unit.phases import FINISH, REDUCE, REDUCE_SECOND, RUN
from myhdl_acc.rtl.vector.unit.records import HIGH, SECOND, SUM, TOTAL

TINY = AcceleratorConfig.preset("tiny")
STAGES = butterfly_latency(TINY.lanes)
KEEPERS = {
    (REDUCE, LARGEST): "capture_largest",
    (REDUCE_SECOND, LARGEST): "capture_bound",
    (REDUCE, SCALES): "capture_correction",
    (REDUCE_SECOND, SCALES): "capture_total",
    (REDUCE, PEAK): "row_capture_peak",
    (REDUCE, NORM): "row_capture_peak",
    (REDUCE_SECOND, NORM): "row_capture_total",
}


def test_every_instruction():
    cases = [(row, phase, cycle) for row in INSTRUCTIONS.values() for phase in range(11) for cycle in range(STAGES + 1)]
    cases = [
        (row, phase, _)
        for row, phase, _ in cases
        if phase != REDUCE_SECOND or row.flag("after") in (LARGEST, SCALES, NORM)
    ]

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
        shown = {name for name, values in found.items() if "capture" in name and values[at]} - {"row_capture_first"}
        # A norm's peak takes the place of the peak that its words had.
        assert found["row_capture_first"][at] == (row.flag("after") == NORM)
        keeper = KEEPERS.get((phase, row.flag("after")))
        wanted = {keeper} if keeper and cycle == STAGES else set()
        if phase == FINISH and row.flag("step"):
            wanted.add("row_capture_step")
        assert shown == wanted, (row.does, phase)
        entered = found["reduce"][at], found["join_maximum"][at], found["join_first_stage"][at]
        of_head = 3 if row.flag("after") in (LARGEST, SCALES) else 0
        if phase == REDUCE_SECOND:
            assert entered == {SCALES: (TOTAL, 0, 3), NORM: (TOTAL, 0, 0), LARGEST: (SECOND, 1, 3)}[row.flag("after")]
        elif phase == REDUCE and row.flag("after") == SCALES:
            assert entered == (SECOND, 0, of_head)
        elif phase == REDUCE and row.flag("after"):
            assert entered == (HIGH, 1, of_head)


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
