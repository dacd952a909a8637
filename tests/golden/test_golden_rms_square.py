import numpy as np

from golden.units.rms_drop import SQUARED_BITS, rms_drop
from golden.units.rms_lift import rms_lift
from golden.units.rms_square import rms_square
from golden.units.rms_unit import block_scale, rms_unit

PEAKS = np.concatenate([np.arange(1 << 12), np.left_shift(1, np.arange(32)), np.left_shift(1, np.arange(32)) - 1])


def test_the_largest_keeps_its_bits():
    drop = rms_drop(PEAKS)
    assert drop.min() == 0 and drop.max() == 15
    assert ((PEAKS >> drop) < 1 << SQUARED_BITS).all()
    assert ((drop == 0) | (PEAKS >> drop >= 1 << (SQUARED_BITS - 1))).all()


def test_small_ones_are_lifted_to_as_many():
    lift, some = rms_lift(PEAKS), PEAKS > 0
    assert lift.min() == 0 and lift.max() == SQUARED_BITS
    assert ((lift == 0) | (rms_drop(PEAKS) == 0)).all()
    lifted = (PEAKS << lift) >> rms_drop(PEAKS)
    assert ((lifted >> (SQUARED_BITS - 1)) == some).all()


def test_squares_against_float():
    rng = np.random.default_rng(0)
    x = rng.integers(-(1 << 31), 1 << 31, 10000)
    root = np.sqrt(rms_square(rms_unit(x, *block_scale(15))).astype(float))
    assert abs(root - abs(x) / 2.0**15).max() <= 0.504
    assert rms_square(np.array([-(1 << 25)])).tolist() == [((1 << SQUARED_BITS) - 1) ** 2]
