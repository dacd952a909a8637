"""What a column keeps from pass to pass, and what moves through the columns."""

from myhdl import Signal, always, always_comb, concat

from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.record import signed


@entity(outputs=("kept", "held"))
def column_held(clk, capture, shift, push, level, reduced, following, kept, held):
    """``capture`` takes what the butterfly shows (``reduced``) into ``kept`` (largest, least, correction) or into
    ``held.statistic``; ``shift`` takes the next column's registers (``following``). ``push`` puts ``level`` on top of
    ``held.word``. The records: see records. One of each per cycle, latency 1; no back-pressure, no reset.
    """
    own, found = held.like(), kept.like()
    own >> held
    found >> kept
    negated, least = Signal(signed(len(reduced))), Signal(signed(10))

    @always_comb
    def negate():
        negated.next = -reduced
        least.next = found.least

    @always(clk.posedge)
    def keep():
        if capture.largest:
            found.largest.next = reduced[32:].signed()
        if capture.least and (capture.first or negated < least):
            found.least.next = negated[8:]
        if capture.correction:
            found.correction.next = reduced[32:].signed()

    @always(clk.posedge)
    def statistics():
        if shift.statistic:
            own.statistic.peak.next = following.statistic.peak
            own.statistic.total.next = following.statistic.total
            own.statistic.least.next = following.statistic.least
        elif capture.peak:
            own.statistic.peak.next = reduced[32:]
        elif capture.total:
            own.statistic.total.next = reduced[40:]
            own.statistic.least.next = found.least

    @always(clk.posedge)
    def scales():
        if shift.query:
            own.query.scale.mantissa.next = following.query.scale.mantissa
            own.query.scale.exponent.next = following.query.scale.exponent
            own.query.sum.next = following.query.sum
        if shift.weight:
            own.weight.inverse.mantissa.next = following.weight.inverse.mantissa
            own.weight.inverse.exponent.next = following.weight.inverse.exponent
            own.weight.mixed.mantissa.next = following.weight.mixed.mantissa
            own.weight.mixed.exponent.next = following.weight.mixed.exponent

    @always(clk.posedge)
    def words():
        if shift.word:
            own.word.next = following.word
        elif push:
            own.word.next = concat(level[8:], own.word[256:8])
