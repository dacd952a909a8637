"""Requantise: the engine's exact sums become the vector unit's fixed point."""

from golden.numerics import round_shift, saturate


def requantise(accumulator, scale):
    """``accumulator`` (…) int64, |a| < 2^46, times ``scale`` (golden.numerics.Scale, broadcast) → int32 in int64.

    One 47×16-bit multiplication, a shift by −31 … 62 rounding half up, and saturation to 32 bits. Exact but for that
    rounding: |error| ≤ 1/2 unit in the last place. ``scale`` maps a unit of the accumulator to 2^-16.
    """
    return saturate(round_shift(accumulator * scale.mantissa, scale.exponent))
