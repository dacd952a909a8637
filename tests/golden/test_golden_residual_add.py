import numpy as np

from golden.units.residual_add import residual_add


def test_adds_and_saturates():
    x = np.array([1, 2**31 - 1, -(2**31), -(2**31)])
    y = np.array([-3, 1, -1, 2**31 - 1])
    assert residual_add(x, y).tolist() == [-2, 2**31 - 1, -(2**31), -1]
