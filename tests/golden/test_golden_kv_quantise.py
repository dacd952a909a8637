import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from golden.units.kv_quantise import kv_quantise


def real(q, zero, step):
    return (q - zero[..., None] / 16) * (step.mantissa * 2.0 ** -step.exponent.astype(float))[..., None]


@settings(deadline=None, max_examples=80)
@given(st.integers(0, 31), st.floats(-1.5, 1.5), st.integers(1, 130), st.integers(0, 2**32 - 1))
def test_error_over_magnitudes_and_offsets(bits, offset, length, seed):
    rng = np.random.default_rng(seed)
    x = np.rint((rng.uniform(-1, 1, (5, length)) + offset) * 2.0**bits).clip(-(2**31), 2**31 - 1).astype(np.int64)
    q, zero, step = kv_quantise(x)
    assert q.dtype == np.int8 and q.min() >= -8 and q.max() <= 7
    assert zero.min() >= -128 and zero.max() <= 112
    one_step = (step.mantissa * 2.0 ** -step.exponent.astype(float))[..., None]
    assert (abs(x - real(q, zero, step)) <= 0.54 * one_step).all()
    spread = np.maximum(x.max(-1), 0) - np.minimum(x.min(-1), 0)
    assert (one_step[:, 0] <= np.maximum(spread, 1) / 15 * (1 + 2.0**-14)).all()


def test_extremes():
    q, zero, _ = kv_quantise(np.array([[0, 0], [5, 0], [-5, 0], [2**31 - 1, -(2**31)]]))
    assert q.tolist() == [[-8, -8], [7, -8], [-8, 7], [7, -8]]
    assert zero.tolist() == [-128, -128, 112, -8]
