"""A column's statistics of a pass: the largest, a second one, a sum."""

from myhdl import Signal, always, always_comb, concat, intbv

from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.record import signed
from myhdl_acc.hdl.wiring import constant
from myhdl_acc.rtl.vector.unit import latencies as stage
from myhdl_acc.rtl.vector.unit.flags import MAGNITUDE, NUMERATOR, RANGE, SQUARE, VALUE
from myhdl_acc.rtl.vector.unit.records import HIGH, REDUCTION_BITS, SECOND, SUM

#: Cycles from an element's addends to its share in ``reduction``.
LATENCY = stage.COUNTED


@entity(outputs=("reduction",))
def column_statistics(clk, track, addends, step, value, take, total_sum, reduce, reduction):
    """Follows elements: their ``addends`` and ``step`` come first, their ``value`` (s32) a cycle later, and after
    another one ``take.commit``, with ``take.fresh`` for the first of a pass or head.

    ``track``: STATISTIC_FLAGS of flags.py. Largest: of the value, of its magnitude, or of it and 0, where
    ``take.alive``. Second: the largest bound of a score, which is the value and ``step`` (s25; golden value_bound); or
    minus the least of the value and 0; or, with a total, that of weight times zero. Total: of one of the addends where
    alive. ``reduction`` (s49): what ``reduce`` said of them in the cycle before, or ``total_sum`` at once. An element
    per cycle; no back-pressure, no reset.
    """
    high, candidate, second, other = (Signal(signed(34)) for _ in range(4))
    negated, bound = Signal(signed(33)), Signal(signed(34))
    total, addend = Signal(signed(REDUCTION_BITS)), Signal(signed(REDUCTION_BITS))
    product, zero_part = Signal(signed(16)), Signal(signed(16))
    zeros, late_step = Signal(intbv(0)[32:]), Signal(signed(len(step)))
    statistic, of_results = Signal(signed(REDUCTION_BITS)), Signal(bool(0))
    constant(q=zeros, number=0)
    held = addends.only("square", "numerator", "level").delay(1)

    @always_comb
    def split():
        negated.next = 0 - value
        bound.next = value + late_step

    @always(clk.posedge)
    def candidates():
        late_step.next = step
        if track.high_of == MAGNITUDE and value < 0:
            candidate.next = negated
        elif track.high_of == RANGE and value < 0:
            candidate.next = 0
        else:
            candidate.next = value
        if track.high_of == VALUE:
            other.next = bound
        elif value < 0:
            other.next = negated
        else:
            other.next = 0

    @always(clk.posedge)
    def multiply():
        product.next = addends.weight * addends.zero
        zero_part.next = product

    @always(clk.posedge)
    def choose_addend():
        if track.addend == SQUARE:
            addend.next = held.square
        elif track.addend == NUMERATOR:
            addend.next = held.numerator
        else:
            addend.next = held.level

    @always(clk.posedge)
    def largest():
        if take.commit and track.track_high:
            if take.fresh and not take.alive:
                # Below everything that counts. A candidate's bits would do, but a word may never have been written.
                high.next = concat("10", zeros).signed()
            elif take.fresh or (take.alive and candidate > high):
                high.next = candidate

    @always(clk.posedge)
    def second_one():
        if take.commit and track.track_total:
            if take.fresh and take.alive:
                second.next = zero_part
            elif take.fresh:
                second.next = 0
            elif take.alive:
                second.next = second + zero_part
        elif take.commit:
            if take.fresh and not take.alive:
                second.next = concat("10", zeros).signed()
            elif take.fresh or (take.alive and other > second):
                second.next = other

    @always(clk.posedge)
    def add_up():
        if take.commit and track.track_total:
            if take.fresh and take.alive:
                total.next = addend
            elif take.fresh:
                total.next = 0
            elif take.alive:
                total.next = total + addend

    @always(clk.posedge)
    def choose():
        of_results.next = reduce == SUM
        if reduce == HIGH:
            statistic.next = high
        elif reduce == SECOND:
            statistic.next = second
        else:
            statistic.next = total

    @always_comb
    def hand_over():
        if of_results:
            reduction.next = total_sum
        else:
            reduction.next = statistic
