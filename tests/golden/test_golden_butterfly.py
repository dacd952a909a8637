import numpy as np
import pytest

from golden.units.butterfly import butterfly


@pytest.mark.parametrize("columns", [1, 2, 8, 32])
def test_groups_of_columns(columns):
    values = np.random.default_rng(columns).integers(-100, 100, (5, columns))
    for first_stage in range(columns.bit_length()):
        group = np.arange(columns) % (1 << first_stage)
        for maximum, reduce in ((False, np.sum), (True, np.max)):
            result = butterfly(values, maximum, first_stage)
            for c in range(columns):
                assert (result[:, c] == reduce(values[:, group == group[c]], axis=1)).all()
