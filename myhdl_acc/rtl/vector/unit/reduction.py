"""What goes into the butterfly, and who keeps what comes out of it."""

from myhdl import Signal, always_comb

from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.rtl.vector.unit.flags import LARGEST, MIX, NORM, PEAK, SCALES
from myhdl_acc.rtl.vector.unit.phases import FINISH, REDUCE, reduced
from myhdl_acc.rtl.vector.unit.records import HIGH, SECOND, SUM, TOTAL


@entity(outputs=("reduce", "join", "capture", "row_capture"))
def reduction(phase, cycle, now, shown, reduce, join, capture, row_capture, lanes):
    """In REDUCE the statistic of the instruction ``now`` goes over the ``lanes`` columns, and in the next cycle its
    second one; in all other phases what its pass needs: mixed values' sums, sums of heads, peaks of heads.

    ``reduce``, ``join``: to the columns and the butterfly, which takes as many cycles as it has stages; then
    ``capture`` or ``row_capture`` says what it shows. ``shown``: see head_statistics. The records: see records. Latency
    0.
    """
    whole, flags = reduced(lanes), now.flags
    first, second, of_heads = Signal(bool(0)), Signal(bool(0)), Signal(bool(0))

    @always_comb
    def tell():
        first.next = phase == REDUCE and cycle == whole
        second.next = phase == REDUCE and cycle == whole + 1
        of_heads.next = flags.after == LARGEST or flags.after == SCALES

    @always_comb
    def enter():
        reduce.next = HIGH
        join.maximum.next = True
        join.first_stage.next = 0
        if phase == REDUCE:
            if of_heads:
                join.first_stage.next = now.heads_log2
            if flags.after == LARGEST:
                if cycle != 0:
                    reduce.next = SECOND
            elif flags.after == SCALES:
                join.maximum.next = False
                if cycle == 0:
                    reduce.next = SECOND
                else:
                    reduce.next = TOTAL
            elif flags.after == NORM and cycle != 0:
                reduce.next = TOTAL
                join.maximum.next = False
        elif flags.path == MIX:
            reduce.next = SUM
            join.maximum.next = False
            join.first_stage.next = now.heads_log2
        elif flags.track_total:
            reduce.next = TOTAL
            join.maximum.next = False
        elif shown.low:
            reduce.next = SECOND

    @always_comb
    def leave():
        capture.largest.next = first and flags.after == LARGEST
        capture.bound.next = second and flags.after == LARGEST
        capture.correction.next = first and flags.after == SCALES
        capture.total.next = second and flags.after == SCALES
        row_capture.peak.next = first and (flags.after == PEAK or flags.after == NORM)
        row_capture.first.next = now.first or flags.after == NORM
        row_capture.total.next = (second and flags.after == NORM) or shown.total
        row_capture.high.next = shown.high
        row_capture.step.next = phase == FINISH and flags.step
        row_capture.scaled.next = now.scaled
