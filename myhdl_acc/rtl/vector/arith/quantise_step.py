"""The step of an int8 quantisation and its inverse."""

from golden.units.quantise_step import STEP
from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.rtl.vector.arith.step_of_range import step_of_range

#: Cycles from ``peak`` to the results.
LATENCY = step_of_range.latency


@entity(outputs=("step", "inverse"), latency=LATENCY)
def quantise_step(clk, peak, step, inverse):
    """``step`` = ``peak`` / 127 and its ``inverse``, each a scale; one per cycle, latency 24.

    ``peak``: the largest magnitude, unsigned 32, 0 counting as 1. Golden: quantise_step; |step·127/peak − 1| ≤ 2^-14.9,
    |step·inverse − 1| ≤ 2^-15. No back-pressure, no reset: validity travels beside.
    """
    step_of_range(width=peak, step=step, inverse=inverse, fraction=STEP)
