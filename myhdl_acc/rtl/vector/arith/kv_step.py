"""The step of an int4 quantisation, its inverse and the zero point."""

from myhdl import Signal, always, always_comb, intbv

from golden.units.kv_step import STEP, ZERO_FRACTION
from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.delay import delay
from myhdl_acc.hdl.stream.stream import signed
from myhdl_acc.rtl.vector.arith import mantissa_product as product_unit
from myhdl_acc.rtl.vector.arith import round_shift as shift_unit
from myhdl_acc.rtl.vector.arith import step_of_range as step_unit
from myhdl_acc.rtl.vector.arith.mantissa_product import mantissa_product
from myhdl_acc.rtl.vector.arith.round_shift import round_shift
from myhdl_acc.rtl.vector.arith.step_of_range import step_of_range

_AFTER_STEP = product_unit.LATENCY + shift_unit.LATENCY + 1
#: Cycles from the operands to the results.
LATENCY = 1 + step_unit.LATENCY + _AFTER_STEP


@entity(outputs=("step_mantissa", "step_exponent", "inverse_mantissa", "inverse_exponent", "zero"))
def kv_step(clk, low, high, step_mantissa, step_exponent, inverse_mantissa, inverse_exponent, zero):
    """step = (``high`` − ``low``)/15, its inverse, and the zero point; one per cycle, latency 31.

    ``low`` ≤ 0 ≤ ``high``: signed 32; mantissas: unsigned 16; exponents: signed 10; ``zero``: signed 8, −128 … 112, in
    sixteenths of a level. Golden: kv_step; |step·15/range − 1| ≤ 2^-14.4, |step·inverse − 1| ≤ 2^-15, the zero point
    rounded half up. Three DSP48E2. No back-pressure, no reset: validity travels beside.
    """
    bits = len(low)
    spread, width = Signal(signed(bits + 1)), Signal(intbv(0)[bits:])
    early_mantissa, inverse_factor = Signal(intbv(0)[16:]), Signal(intbv(0)[16:])
    early_exponent, inverse_places, late_places = (Signal(signed(10)) for _ in range(3))
    late_low, lowest, depth = Signal(signed(bits)), Signal(signed(bits + 1)), Signal(signed(bits + 1))
    product = Signal(signed(bits + 17))
    places = Signal(signed(11))
    level = Signal(signed(10))

    @always_comb
    def subtract():
        spread.next = high - low

    @always(clk.posedge)
    def begin():
        width.next = spread[bits:]

    step_of_range(
        width=width,
        step_mantissa=early_mantissa,
        step_exponent=early_exponent,
        inverse_mantissa=inverse_factor,
        inverse_exponent=inverse_places,
        fraction=STEP,
    )
    delay(d=low, q=late_low, stages=1 + step_unit.LATENCY)

    @always_comb
    def extend():
        lowest.next = late_low

    @always_comb
    def negate():
        depth.next = -lowest

    mantissa_product(value=depth, mantissa=inverse_factor, product=product)
    delay(d=inverse_places, q=late_places, stages=product_unit.LATENCY)

    @always_comb
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

    delay(d=early_mantissa, q=step_mantissa, stages=_AFTER_STEP)
    delay(d=early_exponent, q=step_exponent, stages=_AFTER_STEP)
    delay(d=inverse_factor, q=inverse_mantissa, stages=_AFTER_STEP)
    delay(d=inverse_places, q=inverse_exponent, stages=_AFTER_STEP)
