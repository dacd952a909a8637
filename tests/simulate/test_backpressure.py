"""Gap arrays."""

import numpy as np
import pytest

from golden.errors import InputError
from myhdl_acc.simulate.backpressure import KINDS, gap_array


@pytest.mark.parametrize("kind", KINDS)
def test_a_seed_fixes_the_gaps(kind):
    gaps = gap_array(kind, 1000, 7)
    assert gaps.dtype == np.int64
    assert gaps.shape == (1000,)
    assert gaps.min() >= 0
    assert np.array_equal(gaps, gap_array(kind, 1000, 7))
    assert gap_array(kind, 0, 7).shape == (0,)


def test_kinds_differ_as_described():
    assert not gap_array("never", 1000, 1).any()
    assert (gap_array("always", 1000, 1) == 1).all()
    assert set(gap_array("random", 1000, 1)) == {0, 1, 2, 3}
    bursty = gap_array("bursty", 1000, 1)
    assert 50 < (bursty > 0).sum() < 150
    assert bursty[bursty > 0].min() >= 5
    assert not np.array_equal(gap_array("random", 1000, 1), gap_array("random", 1000, 2))


def test_unknown_kind():
    with pytest.raises(InputError, match="'sometimes'; there are never, always, random, bursty"):
        gap_array("sometimes", 5, 0)
