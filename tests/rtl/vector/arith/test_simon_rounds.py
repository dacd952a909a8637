"""A step of the cipher, of two rounds, against golden."""

import numpy as np
import pytest
from norm_designs import check

from golden.units.simon import encrypt
from myhdl_acc.rtl.vector.arith.simon_rounds import TOGETHER
from myhdl_acc.simulate import BACKENDS


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_step_in_every_cycle(backend):
    rng = np.random.default_rng(1)
    plain, keys = rng.integers(0, 1 << 32, 50), rng.integers(0, 1 << 16, (50, TOGETHER))
    wanted = encrypt(plain, keys.T)
    data = keys.astype("<u2").view("<u4").reshape(50)
    check("simon_rounds", {"start": np.ones(50, int), "plain": plain, "keys": data}, {"state": wanted}, backend)
