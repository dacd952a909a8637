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
    # Where no value counted, what the butterfly shows is below all exponents: the largest is then the least.
    negated, least, none = Signal(signed(len(reduced))), Signal(signed(10)), Signal(bool(0))

    @always_comb
    def negate():
        negated.next = -reduced
        least.next = kept.least
        none.next = reduced < -255

    @always(clk.posedge)
    def keep():
        if capture.largest:
            kept.largest.next = reduced[32:].signed()
        if capture.least and capture.first and none:
            kept.least.next = 255
        elif capture.least and (capture.first or negated < least):
            kept.least.next = negated[8:]
        if capture.correction:
            kept.correction.next = reduced[32:].signed()

    @always(clk.posedge)
    def statistics():
        if shift.statistic:
            held.statistic.peak.next = following.statistic.peak
            held.statistic.total.next = following.statistic.total
            held.statistic.least.next = following.statistic.least
        elif capture.peak:
            held.statistic.peak.next = reduced[32:]
        elif capture.total:
            held.statistic.total.next = reduced[40:]
            held.statistic.least.next = kept.least

    @always(clk.posedge)
    def scales():
        if shift.query:
            held.query.scale.mantissa.next = following.query.scale.mantissa
            held.query.scale.exponent.next = following.query.scale.exponent
            held.query.sum.next = following.query.sum
        if shift.weight:
            held.weight.inverse.mantissa.next = following.weight.inverse.mantissa
            held.weight.inverse.exponent.next = following.weight.inverse.exponent
            held.weight.mixed.mantissa.next = following.weight.mixed.mantissa
            held.weight.mixed.exponent.next = following.weight.mixed.exponent

    @always(clk.posedge)
    def words():
        if shift.word:
            held.word.next = following.word
        elif push:
            held.word.next = concat(level[8:], held.word[256:8])
