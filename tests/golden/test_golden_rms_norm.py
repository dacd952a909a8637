import numpy as np
import pytest

from golden.units.rms_norm import GAMMA_BITS, NormWeights, quantised_rms_norm, rms_norm


@pytest.mark.parametrize("length", [1, 32, 576, 8192])
@pytest.mark.parametrize("magnitude", [3, 300, 65536, 2**24, 2**31 - 1])
@pytest.mark.parametrize("power", [1, 5])
def test_against_float(length, magnitude, power):
    """All magnitudes; with ``power`` 5 a few outliers dwarf the rest."""
    rng = np.random.default_rng(length + magnitude)
    x = rng.normal(size=(20, length)) ** power
    x = np.rint(x / abs(x).max(-1, keepdims=True) * magnitude).astype(np.int64)
    weights = NormWeights.from_float(rng.normal(size=length) + 0.5, 1e-5)
    gamma = weights.gamma * 2.0**-weights.exponent / np.sqrt(length)
    real = x / 65536
    exact = real / np.sqrt((real * real).mean(-1, keepdims=True) + 1e-5) * gamma
    error = abs(rms_norm(x, weights) / 65536 - exact)
    assert (error <= abs(exact) * 2.0**-11 + 2.0**-24 * np.sqrt(length) * abs(gamma) + 2.0**-16).all()


def test_gamma_keeps_its_bits():
    for largest in (0.01, 1.0, 1.9999999, 2.0, 37.5):
        gamma = np.array([largest, -largest, largest / 1000, 0])
        weights = NormWeights.from_float(gamma, 0.0)
        assert abs(weights.gamma).max() <= 1 << GAMMA_BITS
        assert abs(weights.gamma * 2.0**-weights.exponent / 2 - gamma).max() <= largest * 2.0**-GAMMA_BITS


def test_zeros():
    assert not rms_norm(np.zeros((2, 8), np.int64), NormWeights.from_float(np.ones(8), 0.0)).any()
    assert not NormWeights.from_float(np.zeros(8), 1e-5).gamma.any()


def test_the_largest_gain():
    """The limit of γ√N is what the largest element can be multiplied by."""
    x = np.zeros((1, 4096), np.int64)
    x[0, 0] = -(2**31)
    weights = NormWeights.from_float(np.full(4096, 512.0), 1e-6)
    assert rms_norm(x, weights)[0, 0] == -(2**31)
    q, step = quantised_rms_norm(x, weights)
    assert q[0, 0] == -127
    assert step.mantissa[0] * 2.0 ** -step.exponent[0] == pytest.approx(2**31 / 127, rel=2**-13)


@pytest.mark.parametrize("length", [1, 32, 576, 8192])
@pytest.mark.parametrize("magnitude", [3, 300, 65536, 2**24, 2**31 - 1])
def test_quantised_against_float(length, magnitude):
    """Half a step, and what the norm and the quantiser themselves may be off."""
    rng = np.random.default_rng(length + magnitude)
    x = rng.normal(size=(20, length)) ** 3
    x = np.rint(x / abs(x).max(-1, keepdims=True) * magnitude).astype(np.int64)
    weights = NormWeights.from_float(rng.normal(size=length) + 0.5, 1e-5)
    gamma = weights.gamma * 2.0**-weights.exponent / np.sqrt(length)
    real = x / 65536
    exact = real / np.sqrt((real * real).mean(-1, keepdims=True) + 1e-5) * gamma * 65536
    q, step = quantised_rms_norm(x, weights)
    steps = (step.mantissa * 2.0**-step.exponent)[:, None]
    assert (abs(q).max(-1) == 127).all()
    assert (abs(q * steps - exact) <= 0.504 * steps + abs(exact) * 2.0**-10).all()
