"""The step of an int4 quantisation, its inverse and the zero point."""

from myhdl import Signal, always, always_comb, intbv

from golden.units.kv_step import STEP, ZERO_FRACTION
from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.record import signed
from myhdl_acc.hdl.timed import Timed
from myhdl_acc.rtl.vector.arith.mantissa_product import mantissa_product
from myhdl_acc.rtl.vector.arith.round_shift import round_shift
from myhdl_acc.rtl.vector.arith.scale import scale
from myhdl_acc.rtl.vector.arith.step_of_range import step_of_range

#: Cycles from the operands to the results.
LATENCY = 1 + step_of_range.latency + mantissa_product.latency + round_shift.latency + 1


@entity(outputs=("step", "inverse", "zero"), latency=LATENCY)
def kv_step(clk, low, high, step, inverse, zero):
    """``step`` = (``high`` − ``low``)/15, its ``inverse``, and the zero point; one per cycle, latency 32.

    ``low`` ≤ 0 ≤ ``high``: signed 32; ``zero``: signed 8, −128 … 112, in sixteenths of a level. Golden: kv_step;
    |step·15/range − 1| ≤ 2^-14.4, |step·inverse − 1| ≤ 2^-15, the zero point rounded half up. Three DSP48E2. No
    back-pressure, no reset: validity travels beside.
    """
    bits = len(low)
    spread, width = Signal(signed(bits + 1)), Signal(intbv(0)[bits:])
    early_step, early_inverse = scale(), scale()
    lowest, depth, product = Signal(signed(bits + 1)), Signal(signed(bits + 1)), Signal(signed(bits + 17))
    places = Signal(signed(11))
    level = Signal(signed(10))

    @always_comb
    def subtract():
        spread.next = high - low

    @always(clk.posedge)
    def begin():
        width.next = spread[bits:]

    step_of_range(width=width, step=early_step, inverse=early_inverse, fraction=STEP)
    known = 1 + step_of_range.latency
    late_low = Timed(low).at(known)

    @always_comb
    def extend():
        lowest.next = late_low

    @always_comb
    def negate():
        depth.next = -lowest

    mantissa_product(value=depth, mantissa=early_inverse.mantissa, product=product)
    late_places = Timed(early_inverse.exponent).at(mantissa_product.latency - 1)

    @always(clk.posedge)
    def in_sixteenths():
        places.next = late_places - ZERO_FRACTION

    # The level of 0 is at most 15 levels above the lowest: 240 sixteenths.
    round_shift(value=product, places=places, result=level)

    @always(clk.posedge)
    def limit():
        if level > 240:
            zero.next = 112
        elif level < 0:
            zero.next = -128
        else:
            zero.next = level - 128

    early_step.delay(LATENCY - known) >> step
    early_inverse.delay(LATENCY - known) >> inverse
