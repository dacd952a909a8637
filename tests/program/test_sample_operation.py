"""Sample operations have the shape that was asked for, and the same seed gives the same integers."""

import numpy as np
import pytest

from golden.errors import InputError
from golden.operation import KINDS
from golden.units.engine import execute
from myhdl_acc.program.sample_operation import sample_operation


@pytest.mark.parametrize("kind", KINDS)
def test_shape_and_seed(kind):
    first, again = (execute(sample_operation(kind, 7, 70, rows=3, seed=5)) for _ in range(2))
    other = execute(sample_operation(kind, 7, 70, rows=3, seed=6))
    assert first.shape == (3, 7) and np.array_equal(first, again) and not np.array_equal(first, other)


@pytest.mark.parametrize(
    "arguments, message",
    [
        (("w3", 1, 1), "no operation 'w3'"),
        (("w2", 0, 1), "outputs is 0"),
        (("qk", 1, -1), "terms is -1"),
        (("pv", 1, 1, 0), "rows is 0"),
        (("w2", 1 << 20, 1 << 20), "more than a sample may have"),
    ],
)
def test_what_there_is_not(arguments, message):
    with pytest.raises(InputError, match=message):
        sample_operation(*arguments)
