import numpy as np
import pytest

from golden.units.softmax import softmax

ONE = 61440  # 15/16


@pytest.mark.parametrize("above", [0, 1, 40_000, 65_535])
@pytest.mark.parametrize("spread", [0, 1, 2**10, 2**16, 2**20, 2**31])
@pytest.mark.parametrize("length", [1, 7, 3000])
def test_against_float(spread, length, above):
    rng = np.random.default_rng(spread + length)
    scores = rng.integers(-spread, spread + 1, (4, length)).clip(-(2**31), 2**31 - 1)
    reference = scores.max(-1) + above
    p, total = softmax(scores, reference)
    exact = 2.0 ** ((scores - reference[:, None]) / 65536)
    assert p.max() <= ONE and p.min() >= 0
    assert abs(p / 65536 - exact * 15 / 16).max() <= 2.0**-15
    assert (total == p.sum(-1)).all()
    probabilities = exact / exact.sum(-1, keepdims=True)
    error = abs(p / total[:, None] - probabilities).max(-1)
    assert (error <= 0.01 * probabilities.max(-1)).all()


def test_every_fraction_of_a_power_of_two():
    scores = np.arange(-(3 << 16), 1)
    p, _ = softmax(scores, 0)
    assert abs(p - ONE * 2.0 ** (scores / 65536)).max() <= 2.0
    assert (np.diff(p) >= 0).all()
