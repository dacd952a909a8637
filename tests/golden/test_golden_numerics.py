from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from golden.numerics import (
    Scale,
    bit_length,
    constant_scale,
    interpolate,
    normalise,
    numerator_table,
    reciprocal,
    round_shift,
    rsqrt_table,
    saturate,
    sigmoid_table,
    sine_table,
)


def real(scale):
    return scale.mantissa * 2.0 ** -scale.exponent.astype(float)


@settings(deadline=None)
@given(st.integers(0, 2**62))
def test_bit_length(value):
    assert int(bit_length(value)) == value.bit_length()


@settings(deadline=None, max_examples=300)
@given(st.integers(-(2**62) + 1, 2**62 - 1), st.integers(-31, 62))
def test_round_shift(value, places):
    exact = Fraction(value) / Fraction(2) ** places
    expected = (exact + Fraction(1, 2)).__floor__() if places > 0 else int(exact)
    result = int(round_shift(value, places))
    if places >= 0 or abs(value) < 1 << 31:
        assert result == expected
    else:
        assert int(saturate(result)) == int(saturate(np.sign(value) * 2**31))


def test_round_shift_mixes_directions():
    assert round_shift(np.array([3, -3, 3]), np.array([1, 1, -2])).tolist() == [2, -1, 12]


def test_saturate():
    assert saturate(np.array([2**31, -(2**31) - 1, 5])).tolist() == [2**31 - 1, -(2**31), 5]
    assert saturate(np.array([200, -200]), 8).tolist() == [127, -128]


@settings(deadline=None)
@given(st.integers(1, 2**62 - 1))
def test_normalise_and_reciprocal(value):
    scale = normalise(value)
    inverse = reciprocal(scale)
    for part in (scale, inverse):
        assert 1 << 15 <= int(part.mantissa) < 1 << 16
    assert abs(real(scale) / value - 1) <= 2.0**-16
    assert abs(real(inverse) * real(scale) - 1) <= 2.0**-15


def test_zero_counts_as_one():
    assert real(normalise(0)) == 1


@settings(deadline=None)
@given(st.floats(2.0**-60, 2.0**60), st.floats(2.0**-60, 2.0**60))
def test_constant_scale_and_product(a, b):
    one, other = constant_scale(a), constant_scale(b)
    assert abs(real(one) / a - 1) <= 2.0**-16
    product = one * other
    assert 1 << 15 <= int(product.mantissa) < 1 << 16
    assert abs(real(product) / (real(one) * real(other)) - 1) <= 2.0**-16
    assert real(product.shifted(3)) == 8 * real(product)


def test_scale_indexing():
    scale = Scale(np.array([40000, 50000]), np.array([3, 4]))
    assert scale[1].mantissa == 50000 and scale[1:].exponent.tolist() == [4]


@pytest.mark.parametrize(
    ("table", "function", "width", "bound"),
    [
        (numerator_table, lambda f: 15 / 16 * 2.0**-f, 1.0, 1.7),
        (rsqrt_table, lambda f: 1 / np.sqrt(1 + f), 3.0, 3.0),
        (sine_table, lambda f: np.sin(f * np.pi / 2), 1.0, 1.5),
        (sigmoid_table, lambda f: 1 / (1 + np.exp(f)), 16.0, 2.0),
    ],
)
def test_tables_between_their_entries(table, function, width, bound):
    """Interpolated tables stay within ``bound`` units of 2^-16 of their formula."""
    segments = len(table()) - 1
    position = np.arange(segments << 10)
    result = interpolate(table(), position, 10)
    exact = function(position / (segments << 10) * width) * 65536
    assert abs(result - exact).max() <= bound


def test_products_of_scales_round_as_defined():
    """Against the definition in Python's integers: everywhere, at both ends and where rounding carries to 2^16."""
    rng = np.random.default_rng(0)
    a, b = rng.integers(1 << 15, 1 << 16, (2, 20000))
    ends = [(1 << 15, 1 << 15), (65535, 65535), (46341, 46340), (46340, 46340), (46341, 46341), (32769, 65535)]
    near = [(one, (1 << 31) // one + more) for one in range(32769, 65535, 97) for more in (0, 1)]
    a = np.concatenate([a, [one for one, _ in ends + near]])
    b = np.concatenate([b, [two for _, two in ends + near]])
    product = Scale(a, a - 40000) * Scale(b, b)
    carried = 0
    for one, two, mantissa, exponent in zip(
        *map(np.ndarray.tolist, (a, b, product.mantissa, product.exponent)), strict=True
    ):
        places = (one * two).bit_length() - 16
        expected = (one * two + (1 << places - 1)) >> places
        if expected == 1 << 16:
            expected, places, carried = expected >> 1, places + 1, carried + 1
        assert (mantissa, exponent) == (expected, one - 40000 + two - places)
    assert carried > 100 and product.mantissa.dtype == product.exponent.dtype == np.int64
