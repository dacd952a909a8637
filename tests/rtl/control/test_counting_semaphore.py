"""The semaphore against a number."""

import numpy as np
import pytest
from control_benches import semaphore_bench

from myhdl_acc.hdl.stream import Stream
from myhdl_acc.rtl.control.counting_semaphore import MOST
from myhdl_acc.simulate import BACKENDS, Design, clock, reset
from myhdl_acc.simulate.exercise import exercise


@pytest.mark.parametrize("backend", BACKENDS)
def test_counts(backend):
    rng = np.random.default_rng(1)
    gives, takes, available, count = [], [], [], 0
    for step in range(300):
        take = int(count > 0 and rng.random() < (0.3 if step < 150 else 0.6))
        give = int((count < MOST or take) and rng.random() < (0.6 if step < 150 else 0.3))
        gives.append(give)
        takes.append(take)
        available.append(int(count > 0))  # a token given in this cycle shows in the next one
        count += give - take
    for _ in range(count):
        gives, takes, available = [*gives, 0], [*takes, 1], [*available, 1]
    assert max(np.cumsum(np.array(gives) - takes)) == MOST
    design = Design(semaphore_bench, clk=clock(), rst=reset(), sink=Stream(give=1, take=1), source=Stream(available=1))
    words = {"sink": {"give": gives, "take": takes}}
    patterns = ("full_speed", "random") if backend == "myhdl" else ("random",)
    exercise(design, words, {"source": {"available": available}}, backend, patterns)
