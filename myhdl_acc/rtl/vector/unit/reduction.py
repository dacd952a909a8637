"""What goes into the butterfly, and who keeps what comes out of it."""

from myhdl import always_comb

from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.rtl.vector.arith.butterfly import latency as butterfly_latency
from myhdl_acc.rtl.vector.unit.flags import CORRECTION, LARGEST, LEAST, MIX, PEAK, SCALES, SUM
from myhdl_acc.rtl.vector.unit.phases import FINISH, REDUCE, SECOND
from myhdl_acc.rtl.vector.unit.records import HIGH, NEGATED_LOW, TOTAL
from myhdl_acc.rtl.vector.unit.records import SUM as RESULT


@entity(outputs=("reduce", "join", "capture", "row_capture"))
def reduction(phase, cycle, now, shown, reduce, join, capture, row_capture, lanes):
    """In REDUCE the statistic of the instruction ``now`` goes over the ``lanes`` columns, in SECOND the total of the
    numerators; in all other phases what its pass needs: mixed values' sums, sums of heads, peaks of heads.

    ``reduce``, ``join``: to the columns and the butterfly, which takes as many cycles as it has stages; then
    ``capture`` or ``row_capture`` says what it shows. ``shown``: see head_statistics. The records: see records. Latency
    0.
    """
    butterfly, flags = butterfly_latency(lanes), now.flags

    @always_comb
    def enter():
        reduce.next = HIGH
        join.maximum.next = True
        join.first_stage.next = 0
        if phase == SECOND:
            reduce.next = TOTAL
            join.maximum.next = False
            join.first_stage.next = now.heads_log2
        elif phase == REDUCE:
            if flags.after == SUM or flags.after == CORRECTION:
                reduce.next = TOTAL
                join.maximum.next = False
            if flags.after == LARGEST or flags.after == LEAST or flags.after == SCALES or flags.after == CORRECTION:
                join.first_stage.next = now.heads_log2
        elif flags.path == MIX:
            reduce.next = RESULT
            join.maximum.next = False
            join.first_stage.next = now.heads_log2
        elif flags.track_total:
            reduce.next = TOTAL
            join.maximum.next = False
        elif shown.low:
            reduce.next = NEGATED_LOW

    @always_comb
    def leave():
        capture.largest.next = phase == REDUCE and cycle == butterfly and flags.after == LARGEST
        capture.least.next = phase == REDUCE and cycle == butterfly and flags.after == LEAST
        capture.correction.next = phase == REDUCE and cycle == butterfly and flags.after == CORRECTION
        capture.peak.next = phase == REDUCE and cycle == butterfly and flags.after == SCALES
        capture.total.next = phase == SECOND and cycle == butterfly
        capture.first.next = now.first
        row_capture.peak.next = phase == REDUCE and cycle == butterfly and flags.after == PEAK
        row_capture.first.next = now.first
        row_capture.total.next = (phase == REDUCE and cycle == butterfly and flags.after == SUM) or shown.total
        row_capture.high.next = shown.high
        row_capture.step.next = phase == FINISH and flags.step
