"""Rotary position embedding on interleaved pairs (2i, 2i+1)."""

import numpy as np

from golden.numerics import FRACTION, round_shift, saturate


def rope(x, cosine, sine):
    """Rotate ``x`` (…, head_dim) int32 by ``cosine`` and ``sine`` (broadcast to (…, head_dim/2)) → int32 in int64.

    Four 32×18-bit products per pair, added exactly, rounded half up once, saturated: |error| ≤ 2^-15 |pair| + 1/2
    unit in the last place.
    """
    x = np.asarray(x, np.int64)
    rotated = np.empty_like(x)
    rotated[..., 0::2], rotated[..., 1::2] = rotate(x[..., 0::2], x[..., 1::2], cosine, sine)
    return rotated


def rotate(even, odd, cosine, sine):
    """The rotated elements of pairs."""
    return (
        saturate(round_shift(even * cosine - odd * sine, FRACTION)),
        saturate(round_shift(even * sine + odd * cosine, FRACTION)),
    )
