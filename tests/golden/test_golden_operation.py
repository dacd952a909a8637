import numpy as np
import pytest

from golden.errors import InputError
from golden.formats.matrix import PackedMatrix
from golden.operation import Operation

MATRIX = PackedMatrix.pack("w8", np.ones((3, 5), np.int8))
KEYS = np.zeros((7, 4), np.int8)


def test_sizes():
    matvec = Operation("w8", MATRIX, np.zeros((2, 5), np.int8))
    assert (matvec.terms, matvec.outputs) == (5, 3)
    scores = Operation("qk", KEYS, np.zeros((2, 4), np.int8))
    assert (scores.terms, scores.outputs) == (4, 7)
    sums = Operation("pv", KEYS, np.zeros((2, 7), np.int8))
    assert (sums.terms, sums.outputs) == (7, 4)


@pytest.mark.parametrize(
    ("kind", "weights", "x", "message"),
    [
        ("w3", MATRIX, np.zeros((1, 5), np.int8), "no operation 'w3'"),
        ("w2", MATRIX, np.zeros((1, 5), np.int8), "PackedMatrix of that kind, not w8"),
        ("w2", KEYS, np.zeros((1, 5), np.int8), "PackedMatrix of that kind, not ndarray"),
        ("w8", MATRIX, np.zeros((1, 6), np.int8), "x has 6 columns, the weights want 5"),
        ("w8", MATRIX, np.zeros((1, 5), np.int64), "x must be int8"),
        ("w8", MATRIX, np.zeros((0, 5), np.int8), "not empty"),
        ("w8", MATRIX, [[1]], "x must be int8"),
        ("qk", KEYS.astype(np.int16), np.zeros((1, 4), np.int8), "qk: keys must be int8"),
        ("qk", KEYS + np.int8(8), np.zeros((1, 4), np.int8), "qk: keys must lie in"),
        ("pv", KEYS - np.int8(9), np.zeros((1, 7), np.int8), "pv: values must lie in"),
        ("pv", KEYS, np.zeros((1, 4), np.int8), "x has 4 columns, the weights want 7"),
    ],
)
def test_errors(kind, weights, x, message):
    with pytest.raises(InputError, match=message):
        Operation(kind, weights, x)
