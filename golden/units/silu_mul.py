"""The SwiGLU gate: silu(gate) · up."""

import numpy as np

from golden.numerics import FRACTION, interpolate, round_shift, saturate, sigmoid_table

_TABLE_STEP_BITS = FRACTION - 5  # the table has an entry each 1/32
_TABLE_END = 16 << FRACTION


def silu_mul(gate, up):
    """``gate/(1+e^-gate) · up`` of two int32 arrays, 16 fraction bits → the same format, saturating.

    1/(1+e^|gate|) from a table of 513 entries up to 16 with linear interpolation (zero beyond), its complement for
    positive gates; then a 32×17 and a 32×32-bit product, each rounded half up. |silu error| ≤ 2^-15.5·|gate| +
    2^-16, and silu is exact to 2^-16 beyond |gate| = 16 (tests/golden/test_golden_silu_mul.py).
    """
    gate, up = np.asarray(gate, np.int64), np.asarray(up, np.int64)
    magnitude = np.abs(gate)
    inside = magnitude < _TABLE_END
    falling = np.where(inside, interpolate(sigmoid_table(), np.where(inside, magnitude, 0), _TABLE_STEP_BITS), 0)
    sigmoid = np.where(gate < 0, falling, (1 << FRACTION) - falling)
    silu = round_shift(gate * sigmoid, FRACTION)
    return saturate(round_shift(silu * up, FRACTION))
