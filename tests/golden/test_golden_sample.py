import numpy as np
import pytest

from golden.formats.matrix import PackedMatrix
from golden.formats.sample import random_weights


@pytest.mark.parametrize("kind", ["w2", "w4", "w8"])
@pytest.mark.parametrize("extreme", [False, True])
def test_legal_and_reaching_the_limits(kind, extreme):
    weights, scale = random_weights(np.random.default_rng(0), kind, 64, 100, extreme)
    PackedMatrix.pack(kind, weights, scale)
    assert weights.min() == {"w2": -3, "w4": -8, "w8": -119}[kind]
    assert (weights.max() <= 0) if extreme else (weights.max() == {"w2": 3, "w4": 7, "w8": 119}[kind])
