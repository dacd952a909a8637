"""A column's statistics of a pass: the largest, the least, a sum."""

from myhdl import Signal, always, always_comb, concat, intbv

from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.record import signed
from myhdl_acc.hdl.wiring import constant
from myhdl_acc.rtl.vector.unit import latencies as stage
from myhdl_acc.rtl.vector.unit.flags import MAGNITUDE, NEGATED_EXPONENT, NUMERATOR, RANGE, SQUARE, ZERO_POINT
from myhdl_acc.rtl.vector.unit.records import HIGH, NEGATED_LOW, PARAMETER_FIELDS, REDUCTION_BITS, TOTAL

#: Cycles from an element's addends to its share in ``reduction``.
LATENCY = stage.COUNTED


@entity(outputs=("reduction",))
def column_statistics(clk, track, addends, value, take, total_sum, reduce, reduction):
    """Follows elements: their ``addends`` come first, their ``value`` (s32) a cycle later, and after another one
    ``take.commit``, with ``take.fresh`` for the first of a pass or head.

    ``track``: STATISTIC_FLAGS of flags.py. Largest: of the value, of its magnitude, of it and 0, or minus the exponent
    of the parameter that it is, where ``take.alive``. Least: of the value and 0. Total: of one of the addends where
    alive. ``reduction`` (s49): what ``reduce`` says of them, in the cycle after the last commit, or ``total_sum`` at
    once. An element per cycle; no back-pressure, no reset.
    """
    high, candidate = Signal(signed(34)), Signal(signed(34))
    # Minus the least, which is none above 0: its sign takes no part in the choice among statistics.
    low, lowered, negated = Signal(intbv(0)[32:]), Signal(intbv(0)[32:]), Signal(signed(33))
    total, addend = Signal(signed(REDUCTION_BITS)), Signal(signed(REDUCTION_BITS))
    zeros = Signal(intbv(0)[32:])
    constant(q=zeros, number=0)
    product, field = Signal(signed(16)), Signal(signed(9))
    held = addends.only("square", "numerator", "level").delay(1)
    first, bits = PARAMETER_FIELDS["exponent"]
    end = first + bits

    @always_comb
    def split():
        negated.next = 0 - value
        field.next = value[end:first]

    @always(clk.posedge)
    def candidates():
        if track.high_of == NEGATED_EXPONENT:
            candidate.next = 0 - field
        elif track.high_of == MAGNITUDE and value < 0:
            candidate.next = negated
        elif track.high_of == RANGE and value < 0:
            candidate.next = 0
        else:
            candidate.next = value
        if value < 0:
            lowered.next = negated[32:]
        else:
            lowered.next = 0

    @always(clk.posedge)
    def multiply():
        product.next = addends.level * addends.zero

    @always(clk.posedge)
    def choose_addend():
        if track.addend == SQUARE:
            addend.next = held.square
        elif track.addend == NUMERATOR:
            addend.next = held.numerator
        elif track.addend == ZERO_POINT:
            addend.next = product
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
    def least():
        if take.commit and track.track_low and (take.fresh or lowered > low):
            low.next = lowered

    @always(clk.posedge)
    def add_up():
        if take.commit and track.track_total:
            if take.fresh and take.alive:
                total.next = addend
            elif take.fresh:
                total.next = 0
            elif take.alive:
                total.next = total + addend

    @always_comb
    def choose():
        if reduce == HIGH:
            reduction.next = high
        elif reduce == NEGATED_LOW:
            reduction.next = low
        elif reduce == TOTAL:
            reduction.next = total
        else:
            reduction.next = total_sum
