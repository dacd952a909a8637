import numpy as np

from golden.units.argmax import argmax


def test_first_of_equals():
    assert argmax(np.array([-5, 7, 7, 2])) == 1
    assert argmax(np.array([[-(2**31), -(2**31)], [0, 1]])).tolist() == [0, 1]
