import numpy as np

from golden.units.rms_scale import UNIT_BITS, rms_scale


def test_against_float():
    """Every mantissa at several exponents."""
    for half in range(24):
        total = np.arange(1 << 14, 1 << 16) << 2 * max(half - 7, 0) >> 2 * max(7 - half, 0)
        inverse, places = rms_scale(total, 0, 3)
        assert inverse.min() >= 1 << 15 and inverse.max() <= 1 << 16
        exact = 2.0 ** (UNIT_BITS - 3) / np.sqrt(total)
        assert abs(inverse * 2.0**-places / exact - 1).max() <= 2.0**-13


def test_epsilon_is_shifted_like_the_squares():
    assert rms_scale(0, 1 << 40, 10) == rms_scale(1 << 20, 0, 10)


def test_range_of_places():
    assert rms_scale(0, 0, 0)[1] == -8
    assert rms_scale((1 << 48) - 1, (1 << 48) - 1, 0)[1] == 24 - 8
    assert rms_scale((1 << 48) - 1, 0, 15)[1] == 23 + 15 - 8
