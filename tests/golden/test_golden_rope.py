import numpy as np
import pytest

from golden.units.rope import rope
from golden.units.rope_angle import cosine_sine, phase_increments


@pytest.mark.parametrize("magnitude", [10, 65536, 2**26])
def test_rotation(magnitude):
    rng = np.random.default_rng(magnitude)
    x = rng.integers(-magnitude, magnitude + 1, (3, 64))
    position = 200_003
    rotated = rope(x, *cosine_sine(position, phase_increments(1e5 ** (-np.arange(32) / 32))))
    angle = position * 1e5 ** (-np.arange(32) * 2.0 / 64)
    pairs = (x[:, 0::2] + 1j * x[:, 1::2]) * np.exp(1j * angle)
    length = np.repeat(abs(pairs), 2, axis=1)
    exact = np.stack([pairs.real, pairs.imag], axis=-1).reshape(3, 64)
    assert (abs(rotated - exact) <= length * 2.0**-15 + 0.5).all()


def test_saturates():
    x = np.full((1, 2), 2**31 - 1)
    cosine_eighth = cosine_sine(1, np.array([1 << 45]))
    assert rope(x, *cosine_eighth).tolist() == [[0, 2**31 - 1]]


def test_relative_positions():
    """Rotated queries and keys meet at an angle that depends on the distance alone."""
    rng = np.random.default_rng(4)
    increments = phase_increments(1e4 ** (-np.arange(32) / 32))
    q, k = rng.integers(-(2**20), 2**20, (2, 64)).astype(object)

    def product(query_at, key_at):
        left = rope(q.astype(np.int64), *cosine_sine(query_at, increments)) / 65536
        return left @ (rope(k.astype(np.int64), *cosine_sine(key_at, increments)) / 65536)

    scale = np.sqrt((q / 65536) @ (q / 65536) * ((k / 65536) @ (k / 65536)))
    for shift in (1000, 131072, 900_000):
        assert abs(product(300 + shift, 17 + shift) - product(300, 17)) < 2.0**-13 * scale
