"""A column's statistics of a pass: the largest, the least, a sum."""

from myhdl import Signal, always, always_comb, concat

from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.record import signed
from myhdl_acc.rtl.vector.unit.flags import MAGNITUDE, NEGATED_EXPONENT, NUMERATOR, RANGE, SQUARE, ZERO_POINT
from myhdl_acc.rtl.vector.unit.records import HIGH, NEGATED_LOW, REDUCTION_BITS, TOTAL

#: Cycles from a commit to its share in ``reduction``.
LATENCY = 1


@entity(outputs=("reduction",))
def column_statistics(clk, track, take, value, exponent, addends, total_sum, reduce, reduction):
    """Follows the elements that come with ``take.commit``; the first of a pass or head has ``take.fresh``.

    ``track``: STATISTIC_FLAGS of flags.py. Largest: of the ``value`` (s32), its magnitude, or minus the parameter's
    ``exponent`` (8), where ``take.alive``. Least: of the value and 0. Total: of one of the ``addends`` where alive.
    ``reduction`` (s49): what ``reduce`` says of them, in the cycle after the last commit, or ``total_sum`` at once. No
    back-pressure, no reset.
    """
    high, low, candidate = Signal(signed(34)), Signal(signed(33)), Signal(signed(34))
    total, addend = Signal(signed(REDUCTION_BITS)), Signal(signed(REDUCTION_BITS))
    field = Signal(signed(9))

    @always_comb
    def extend():
        field.next = exponent

    @always_comb
    def candidates():
        if track.high_of == NEGATED_EXPONENT:
            candidate.next = 0 - field
        elif track.high_of == MAGNITUDE and value < 0:
            candidate.next = 0 - value
        else:
            candidate.next = value

    @always_comb
    def choose_addend():
        if not take.alive:
            addend.next = 0
        elif track.addend == SQUARE:
            addend.next = addends.square
        elif track.addend == NUMERATOR:
            addend.next = addends.numerator
        elif track.addend == ZERO_POINT:
            addend.next = addends.level * addends.zero
        else:
            addend.next = addends.level

    @always(clk.posedge)
    def largest():
        if take.commit and track.track_high:
            if take.fresh:
                if not take.alive:
                    # Below everything that counts, whatever the lower bits.
                    high.next = concat("10", value[32:]).signed()
                elif track.high_of == RANGE and candidate < 0:
                    high.next = 0
                else:
                    high.next = candidate
            elif take.alive and candidate > high:
                high.next = candidate

    @always(clk.posedge)
    def least():
        if take.commit and track.track_low:
            if take.fresh:
                if value < 0:
                    low.next = value
                else:
                    low.next = 0
            elif value < low:
                low.next = value

    @always(clk.posedge)
    def add_up():
        if take.commit and track.track_total:
            if take.fresh:
                total.next = addend
            else:
                total.next = total + addend

    @always_comb
    def choose():
        if reduce == HIGH:
            reduction.next = high
        elif reduce == NEGATED_LOW:
            reduction.next = 0 - low
        elif reduce == TOTAL:
            reduction.next = total
        else:
            reduction.next = total_sum
