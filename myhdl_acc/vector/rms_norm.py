"""RMSNorm's second pass."""

from myhdl import Signal, always_comb

from myhdl_acc.convert.entity import entity
from myhdl_acc.engine.delay import delay
from myhdl_acc.stream.stream import signed
from myhdl_acc.stream.wiring import type_of
from myhdl_acc.vector import multiply as multiplier
from myhdl_acc.vector import round_shift as rounder
from myhdl_acc.vector.multiply import multiply
from myhdl_acc.vector.round_shift import round_shift

_UNIT_LATENCY = multiplier.LATENCY + rounder.LATENCY
#: Cycles from an element to the normalised one.
LATENCY = 2 * _UNIT_LATENCY


@entity(outputs=("y",))
def rms_norm(clk, x, inverse, places, gamma, exponent, y):
    """``y`` = x/‖x‖ · γ√N (golden normalised), ``x`` and ``y`` signed 32 with 16 fraction bits, saturating.

    ``inverse`` (unsigned 17) and ``places`` (signed 7) from rms_scale, ``gamma`` (signed 18) and ``exponent`` (signed
    10) of the weights. A result every cycle, latency 12; three DSP48E2. No back-pressure, no reset: validity travels
    beside. The whole RMSNorm is within 2^-11 of the exact element, plus 2^-24 √N γ and one unit in the last place.
    """
    product, unit, weighted = Signal(signed(50)), Signal(signed(26)), Signal(signed(44))
    late_places, late_gamma = Signal(type_of(places)), Signal(type_of(gamma))
    late_exponent, weight_places = Signal(type_of(exponent)), Signal(signed(len(exponent) + 1))

    @always_comb
    def fraction():
        # 24 fraction bits become 16.
        weight_places.next = late_exponent + 8

    return (
        multiply(clk, x, inverse, product),
        delay(clk, places, late_places, multiplier.LATENCY),
        round_shift(clk, product, late_places, unit),
        delay(clk, gamma, late_gamma, _UNIT_LATENCY),
        multiply(clk, unit, late_gamma, weighted),
        delay(clk, exponent, late_exponent, _UNIT_LATENCY + multiplier.LATENCY),
        fraction,
        round_shift(clk, weighted, weight_places, y),
    )
