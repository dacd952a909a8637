import numpy as np
import pytest

from golden.units.rope_angle import cosine_sine, phase_increments


@pytest.mark.parametrize(("head_dim", "base"), [(2, 1e4), (32, 1e4), (64, 1e5), (128, 5e5)])
def test_angles_past_128k(head_dim, base):
    increments = phase_increments(base ** (-np.arange(head_dim // 2) * 2.0 / head_dim))
    rng = np.random.default_rng(head_dim)
    for position in [0, 1, 2, 131071, 131072, 2**20 - 1, *rng.integers(0, 2**20, 300).tolist()]:
        angle = position * base ** (-np.arange(head_dim // 2) * 2.0 / head_dim)
        cosine, sine = cosine_sine(position, increments)
        assert abs(cosine / 65536 - np.cos(angle)).max() <= 1.5 / 65536
        assert abs(sine / 65536 - np.sin(angle)).max() <= 1.5 / 65536


def test_quadrants_are_exact():
    increments = np.array([1 << 46])
    found = [tuple(int(part[0]) for part in cosine_sine(position, increments)) for position in range(5)]
    assert found == [(65536, 0), (0, 65536), (-65536, 0), (0, -65536), (65536, 0)]
