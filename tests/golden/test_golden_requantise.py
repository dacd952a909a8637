import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from golden.numerics import Scale, constant_scale
from golden.units.requantise import requantise


@settings(deadline=None, max_examples=200)
@given(st.integers(-(2**46) + 1, 2**46 - 1), st.integers(2**15, 2**16 - 1), st.integers(-31, 70))
def test_against_exact_arithmetic(accumulator, mantissa, exponent):
    scale = Scale(np.array([mantissa]), np.array([exponent]))
    product = accumulator * mantissa
    if exponent > 0:
        exact = (product + (1 << min(exponent, 62) - 1)) >> min(exponent, 62)
    else:
        exact = product << -exponent
    expected = max(-(2**31), min(2**31 - 1, exact))
    assert requantise(np.array([accumulator]), scale).tolist() == [expected]


def test_against_float_over_the_range():
    rng = np.random.default_rng(0)
    accumulator = rng.integers(-(2**31), 2**31, 10000)
    factor = rng.uniform(1e-6, 0.3, 10000)
    result = requantise(accumulator, constant_scale(factor))
    assert (abs(result - accumulator * factor) <= abs(accumulator * factor) * 2.0**-16 + 0.5).all()
