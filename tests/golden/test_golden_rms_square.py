import numpy as np

from golden.units.rms_drop import SQUARED_BITS, rms_drop
from golden.units.rms_square import rms_square


def test_the_largest_keeps_its_bits():
    peak = np.concatenate([np.arange(1 << 12), np.left_shift(1, np.arange(32)), np.left_shift(1, np.arange(32)) - 1])
    drop = rms_drop(peak)
    assert drop.min() == 0 and drop.max() == 15
    assert ((peak >> drop) < 1 << SQUARED_BITS).all()
    assert ((drop == 0) | (peak >> drop >= 1 << (SQUARED_BITS - 1))).all()


def test_squares_against_float():
    rng = np.random.default_rng(0)
    x = rng.integers(-(1 << 31), 1 << 31, 10000)
    root = np.sqrt(rms_square(x, 15).astype(float))
    assert abs(root - abs(x) / 2.0**15).max() <= 0.5
    assert rms_square(np.array([-(1 << 31)]), 14).tolist() == [((1 << SQUARED_BITS) - 1) ** 2]
