"""Noise against golden: every octave and place, every extreme."""

import pytest
from norm_designs import check
from unit_bench import random_words

from golden.units.gumbel import gumbel
from myhdl_acc.simulate import BACKENDS


@pytest.mark.parametrize("backend", BACKENDS)
def test_in_every_simulator(backend):
    random = random_words(300, 0)
    check("gumbel", {"random": random}, {"noise": gumbel(random)}, backend, seed=2)
