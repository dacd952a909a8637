"""How a column's softmax probabilities become int8 weights, and what the values mixed with them are multiplied by."""

from myhdl import Signal, always_comb

from golden.machine.parameters import EXPONENT_BIAS
from golden.units.kv_quantise import ZERO_FRACTION
from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.record import Record, signed
from myhdl_acc.rtl.vector.arith import scale_product as product_unit
from myhdl_acc.rtl.vector.arith import total_inverse as total_inverse_unit
from myhdl_acc.rtl.vector.arith.scale import scale
from myhdl_acc.rtl.vector.arith.scale_product import scale_product
from myhdl_acc.rtl.vector.arith.total_inverse import total_inverse
from myhdl_acc.rtl.vector.unit import latencies as stage
from myhdl_acc.rtl.vector.unit.softmax_path import SPARE_BITS

#: Cycles from the statistics to ``weight``; of ``step`` and ``inverse`` the first latencies.STEP are over.
LATENCY = stage.WEIGHT


@entity(outputs=("weight",))
def weight_scales(clk, total, least, step, inverse, weight):
    """``weight`` (weight of records) of a column's ``total`` (40) and ``least`` exponent field (8), LATENCY cycles
    later.

    ``step``, ``inverse``: of the column's largest product, STEP cycles after the others; the weight's quantiser has the
    ``inverse``, the mixed values' scale is step · 2^-spare with the values' least exponent, over the total. A column
    per cycle; no back-pressure, no reset.
    """
    divisor, product = scale(), scale()
    total_inverse(total=total, inverse=divisor)
    late_least = Record(least=least).delay(stage.BESIDE).least
    late_step = step.delay(stage.BESIDE - stage.STEP)
    aligned, least_exponent = Record(mantissa=late_step.mantissa, exponent=signed(10)), Signal(signed(9))
    scale_product(a=aligned, b=divisor.delay(stage.BESIDE - total_inverse_unit.LATENCY), product=product)
    inverse.delay(stage.BESIDE + product_unit.LATENCY - stage.STEP) >> weight.inverse

    @always_comb
    def extend():
        least_exponent.next = late_least

    @always_comb
    def align():
        aligned.exponent.next = late_step.exponent + least_exponent - (EXPONENT_BIAS + SPARE_BITS)

    @always_comb
    def shift():
        weight.mixed.mantissa.next = product.mantissa
        weight.mixed.exponent.next = product.exponent + ZERO_FRACTION
