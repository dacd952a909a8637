"""What a norm lacks that was made of a vector as it was, relative to a power of two."""

import numpy as np

from golden.numerics import MANTISSA_BITS, Scale
from golden.units.rms_drop import SQUARED_BITS
from golden.units.rms_unit import UNIT_BITS


def rms_factor(inverse, places, drop, lift):
    """The Scale that block_scale's unit must be multiplied by, to be that of rms_scale's ``inverse`` and ``places``.

    ``drop``: the vector's; ``lift``: the gain's. A power of two and ``inverse`` itself, which is 2^15 … 2^16:
    nothing is rounded.
    """
    full = np.asarray(inverse) >> MANTISSA_BITS  # 2^16 is 2^15 · 2
    return Scale(inverse >> full, places - drop + lift + UNIT_BITS - SQUARED_BITS - full)
