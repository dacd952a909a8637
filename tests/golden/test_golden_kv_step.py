import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from golden.units.kv_step import kv_step


def real(scale):
    return scale.mantissa * 2.0 ** -scale.exponent.astype(float)


@settings(deadline=None, max_examples=60)
@given(st.integers(1, 31), st.integers(1, 31), st.integers(0, 2**32 - 1))
def test_step_inverse_and_zero_over_magnitudes(below, above, seed):
    rng = np.random.default_rng(seed)
    low, high = -rng.integers(1, 2**below, 100, endpoint=True), rng.integers(0, 2**above, 100)
    step, inverse, zero = kv_step(low, high)
    assert (abs(real(step) * 15 / (high - low) - 1) <= 2.0**-14.4).all()
    assert (abs(real(step) * real(inverse) - 1) <= 2.0**-15).all()
    # The level of 0, in sixteenths: half a sixteenth for its rounding, the rest for the inverse's.
    assert (abs(zero - (-low / real(step) * 16 - 128)) <= 0.51).all()


def test_ends():
    _, _, zero = kv_step(np.array([0, 0, -5, -(2**31), -(2**31)]), np.array([0, 5, 0, 0, 2**31 - 1]))
    assert zero.tolist() == [-128, -128, 112, 112, -8]
