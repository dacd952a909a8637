"""RMSNorm's gain γ."""

from golden.numerics import FRACTION, round_shift, saturate
from golden.units.rms_unit import UNIT_BITS

PLACES = UNIT_BITS - FRACTION  #: fraction bits that a unit has more


def rms_gain(unit, gamma, exponent, places=PLACES):
    """``unit`` (…) of rms_unit, times ``gamma`` with ``exponent`` fraction bits, in ``places`` fraction bits less:
    int32, 16 fraction bits, saturated.
    """
    return saturate(round_shift(unit * gamma, exponent + places))
