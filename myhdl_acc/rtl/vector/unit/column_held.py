"""What a column keeps from pass to pass, and what moves through the columns."""

from myhdl import Signal, always, always_comb, concat

from golden.machine.parameters import EXPONENT_BIAS
from golden.numerics import FRACTION
from golden.units.softmax import WEIGHT_PLACES
from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.record import Record, signed, view
from myhdl_acc.rtl.vector.unit.records import PLACES_BITS

#: Cycles from the bound to the reference and the places of the weights' step.
REFERENCE = 3


@entity(outputs=("kept", "held"))
def column_held(clk, capture, shift, push, level, reduced, entering, following, kept, held):
    """``capture`` takes what the butterfly shows (``reduced``) into ``kept`` or into ``held.statistic``: the largest
    score, then the largest bound, of which the reference and the places come REFERENCE cycles later; the correction;
    the total. ``shift`` takes the next column's registers (``following``), or what is ``entering`` into ``kept``.
    ``push`` puts ``level`` (8) on top of ``held.word``. The records: see records. One of each per cycle, latency 1; no
    back-pressure, no reset.
    """
    largest, bound, reference = Signal(signed(32)), Signal(signed(34)), Signal(signed(17))
    parts = {"fraction": (0, FRACTION), "whole": (FRACTION, 16)}
    of_largest = view(largest, parts, like=Record(fraction=FRACTION, whole=signed(16)))
    of_bound = view(bound, {**parts, "whole": (FRACTION, 18)}, like=Record(fraction=FRACTION, whole=signed(18)))
    places = Signal(signed(20))

    @always(clk.posedge)
    def keep():
        if capture.largest:
            largest.next = reduced[32:].signed()
        if capture.bound:
            bound.next = reduced[34:].signed()
        if capture.correction:
            kept.correction.next = reduced[32:].signed()

    @always(clk.posedge)
    def refer():
        if of_bound.fraction < of_largest.fraction:
            reference.next = of_largest.whole + 1
        else:
            reference.next = of_largest.whole

    @always_comb
    def subtract():
        # In a bound an exponent has its bias.
        places.next = of_bound.whole - reference + (WEIGHT_PLACES + EXPONENT_BIAS)

    @always(clk.posedge)
    def count():
        kept.places.next = places[PLACES_BITS:].signed()

    @always_comb
    def show():
        kept.reference.next = concat(reference[17:], of_bound.fraction).signed()

    @always(clk.posedge)
    def statistics():
        if shift.statistic:
            held.statistic.total.next = following.statistic.total
            held.statistic.places.next = following.statistic.places
        elif capture.total:
            held.statistic.total.next = reduced[40:]
            held.statistic.places.next = kept.places

    @always(clk.posedge)
    def enter():
        if shift.query:
            kept.query.scale.mantissa.next = entering.query.scale.mantissa
            kept.query.scale.exponent.next = entering.query.scale.exponent
            kept.query.sum.next = entering.query.sum
        if shift.mixed:
            kept.mixed.mantissa.next = entering.mixed.mantissa
            kept.mixed.exponent.next = entering.mixed.exponent

    @always(clk.posedge)
    def words():
        if shift.word:
            held.word.next = following.word
        elif push:
            held.word.next = concat(level, held.word[256:8])
