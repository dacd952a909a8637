"""A vector's elements relative to its length, or to its largest magnitude."""

from golden.numerics import round_shift, saturate
from golden.units.rms_drop import SQUARED_BITS

UNIT_BITS = 24  #: fraction bits of an element, a 26-bit signed operand
ONE_BITS = 15  #: of an ``inverse`` that stands for 1


def rms_unit(x, inverse, places):
    """``x`` (…) int32 · ``inverse`` · 2^-``places``, rounded half up, in 26 bits.

    With rms_scale's ``inverse`` and ``places`` this is x/‖x‖ with UNIT_BITS fraction bits; with block_scale's it is x
    relative to a power of two. The limit takes effect only for the scale of another vector.
    """
    return saturate(round_shift(x * inverse, places), UNIT_BITS + 2)


def block_scale(drop):
    """``(inverse, places)`` with which rms_unit takes a vector of this rms_drop to magnitudes of up to 2^UNIT_BITS."""
    return 1 << ONE_BITS, drop + ONE_BITS + SQUARED_BITS - UNIT_BITS
