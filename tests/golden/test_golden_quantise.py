import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from golden.units.quantise import quantise


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 31), st.integers(1, 300), st.integers(0, 2**32 - 1))
def test_error_over_all_magnitudes(bits, length, seed):
    rng = np.random.default_rng(seed)
    x = rng.integers(-(2**bits), 2**bits, (4, length))
    q, step = quantise(x)
    real = step.mantissa * 2.0 ** -step.exponent.astype(float)
    assert q.dtype == np.int8 and abs(q.astype(int)).max() <= 127
    error = abs(x - q * real[:, None])
    assert (error <= 0.504 * real[:, None]).all()
    largest = abs(x).max(-1)
    assert (abs(q.astype(int)).max(-1)[largest > 0] == 127).all()


def test_extremes():
    q, _ = quantise(np.array([[-(2**31), 2**31 - 1, 0], [0, 0, 0], [1, -1, 0]]))
    assert q.tolist() == [[-127, 127, 0], [0, 0, 0], [127, -127, 0]]
