"""The scales that a row makes of its statistics."""

from myhdl import Signal, always, always_comb, intbv

from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.delay import delay
from myhdl_acc.hdl.record import signed
from myhdl_acc.hdl.wiring import wire
from myhdl_acc.rtl.vector.arith import rms_drop as rms_drop_unit
from myhdl_acc.rtl.vector.arith import rms_square as rms_square_unit
from myhdl_acc.rtl.vector.arith import rms_unit
from myhdl_acc.rtl.vector.arith.butterfly import latency as butterfly_latency
from myhdl_acc.rtl.vector.arith.kv_step import kv_step
from myhdl_acc.rtl.vector.arith.quantise_step import quantise_step
from myhdl_acc.rtl.vector.arith.rms_drop import rms_drop
from myhdl_acc.rtl.vector.arith.rms_factor import rms_factor
from myhdl_acc.rtl.vector.arith.rms_lift import rms_lift
from myhdl_acc.rtl.vector.arith.rms_scale import rms_scale
from myhdl_acc.rtl.vector.arith.scale import scale
from myhdl_acc.rtl.vector.arith.scale_product import scale_product
from myhdl_acc.rtl.vector.unit import latencies as stage
from myhdl_acc.rtl.vector.unit.records import SEGMENT_PEAK, SHARED_PEAK

#: Cycles from a head's peak to its step, and to its drop; a row's peak is kept for one more. From a step to the scaled.
LATENCY, DROPPED, SCALED = stage.STEP, rms_drop_unit.LATENCY, stage.SCALE


@entity(outputs=("made", "step", "peak"))
def vector_scales(clk, source, capture, enabled, reduced, shared_peak, eps, drop, made, step, peak, lanes):
    """``made`` (made_scales of records) of the statistics that the butterfly over ``lanes`` columns shows
    (``reduced``).

    A peak is the row's, which ``capture.peak`` keeps if the row is ``enabled`` (``peak``, 32); a head's, ``reduced``
    itself; that of all rows, ``shared_peak`` (32): ``source`` says which. A range is from minus ``reduced`` to what
    ``capture.high`` kept. Squares are what ``capture.total`` kept, with the ``eps`` of then and the ``drop`` (4) that
    they were shifted by. ``step``: the last one, with ``capture.step``; with ``capture.scaled`` times the factor that
    the squares give (golden rms_factor), which takes SCALED cycles more. From a peak made.step takes LATENCY cycles,
    made.drop DROPPED; from the least made.range takes latencies.RANGE, from squares made.norm HEAD_NORM; one of each
    per cycle; no back-pressure, no reset.
    """
    kept, peak_now = Signal(intbv(0)[32:]), Signal(intbv(0)[32:])
    squares, eps_of_squares = Signal(intbv(0)[48:]), Signal(intbv(0)[48:])
    low, high = Signal(signed(32)), Signal(signed(32))
    drop_of_total, drop_of_squares = Signal(intbv(0)[4:]), Signal(intbv(0)[4:])
    lift_of_total, lift_of_squares = Signal(intbv(0)[5:]), Signal(intbv(0)[5:])
    negated = Signal(signed(len(reduced)))
    quantise_step(peak=peak_now, step=made.step, inverse=made.inverse)
    kv_step(low=low, high=high, step=made.range.step, inverse=made.range.inverse, zero=made.range.zero)
    rms_drop(peak=peak_now, drop=made.drop)
    rms_lift(peak=peak_now, lift=made.lift)
    rms_scale(
        total=squares, eps=eps_of_squares, drop=drop_of_squares, inverse=made.norm.inverse, places=made.norm.places
    )
    delay(d=made.drop, q=made.late_drop, stages=stage.STEP - rms_drop_unit.LATENCY)
    # As long as an element's square takes to the sum that it is the last of.
    to_square = rms_unit.LATENCY + rms_square_unit.LATENCY
    to_total = to_square + stage.COUNTED + butterfly_latency(lanes)
    delay(d=drop, q=drop_of_total, stages=to_total)
    delay(d=made.lift, q=lift_of_total, stages=to_total)
    factor, product = scale(), scale()
    rms_factor(
        inverse=made.norm.inverse, places=made.norm.places, drop=drop_of_squares, lift=lift_of_squares, factor=factor
    )
    scale_product(a=made.step, b=factor, product=product)

    wire(kept, peak)

    @always_comb
    def negate():
        negated.next = -reduced

    @always_comb
    def choose():
        if source == SEGMENT_PEAK:
            peak_now.next = reduced[32:]
        elif source == SHARED_PEAK:
            peak_now.next = shared_peak
        else:
            peak_now.next = kept

    @always(clk.posedge)
    def keep():
        low.next = negated[32:].signed()
        if capture.peak and enabled and (capture.first or reduced[32:] > kept):
            kept.next = reduced[32:]
        if capture.total:
            squares.next = reduced[48:]
            # The norm's own instructions have other fields in these bits, and a peak of their own.
            eps_of_squares.next = eps
            drop_of_squares.next = drop_of_total
            lift_of_squares.next = lift_of_total
        if capture.high:
            high.next = reduced[32:].signed()
        if capture.step and capture.scaled:
            step.mantissa.next = product.mantissa
            step.exponent.next = product.exponent
        elif capture.step:
            step.mantissa.next = made.step.mantissa
            step.exponent.next = made.step.exponent
