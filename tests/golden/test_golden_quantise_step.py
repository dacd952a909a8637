import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from golden.units.quantise_step import quantise_step


def real(scale):
    return scale.mantissa * 2.0 ** -scale.exponent.astype(float)


@settings(deadline=None, max_examples=60)
@given(st.integers(1, 32), st.integers(0, 2**32 - 1))
def test_step_and_inverse_over_magnitudes(bits, seed):
    peak = np.random.default_rng(seed).integers(1, 2**bits, 100)
    step, inverse = quantise_step(peak)
    assert (abs(real(step) * 127 / peak - 1) <= 2.0**-14.9).all()
    assert (abs(real(step) * real(inverse) - 1) <= 2.0**-15).all()


def test_no_peak_counts_as_one():
    assert [real(part) for part in quantise_step(0)] == [real(part) for part in quantise_step(1)]
