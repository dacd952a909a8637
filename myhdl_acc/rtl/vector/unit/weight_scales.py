"""What the values that softmax weights mix are multiplied by."""

from myhdl import Signal, always_comb

from golden.units.kv_quantise import ZERO_FRACTION
from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.record import signed
from myhdl_acc.rtl.vector.arith.scale import scale
from myhdl_acc.rtl.vector.arith.total_inverse import total_inverse
from myhdl_acc.rtl.vector.unit import latencies as stage

#: Cycles from the statistics to ``mixed``.
LATENCY = stage.MIXED


@entity(outputs=("mixed",))
def weight_scales(clk, statistic, mixed):
    """``mixed`` (Record scale), LATENCY cycles after a column's ``statistic`` (see records): one over the total, times
    the weights' step, for sums with the fraction of the zero points.

    A column per cycle; no back-pressure, no reset.
    """
    divisor, places = scale(), statistic.only("places").delay(stage.MIXED).places
    exponent = Signal(signed(12))
    total_inverse(total=statistic.total, inverse=divisor)

    @always_comb
    def shift():
        exponent.next = divisor.exponent - places + ZERO_FRACTION

    @always_comb
    def show():
        mixed.mantissa.next = divisor.mantissa
        mixed.exponent.next = exponent[10:].signed()
