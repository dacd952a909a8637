import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from golden.units.total_inverse import total_inverse


@settings(deadline=None, max_examples=60)
@given(st.integers(1, 40), st.integers(0, 2**32 - 1))
def test_error_over_magnitudes(bits, seed):
    total = np.random.default_rng(seed).integers(1, 2**bits, 100)
    inverse = total_inverse(total)
    assert (abs(inverse.mantissa * 2.0 ** -inverse.exponent.astype(float) * total - 1) <= 2.0**-14.4).all()


def test_no_total_counts_as_one():
    assert float(total_inverse(0).mantissa * 2.0 ** -total_inverse(0).exponent) == 1
