"""Where levels go: groups one after the other, or column after column what was gathered."""

import dataclasses

import numpy as np
import pytest
import unit_ports
from cycle_bench import SIMULATORS, Cycles

from myhdl_acc.rtl.config import AcceleratorConfig

TINY = AcceleratorConfig.preset("tiny")
PARTS = 32 // TINY.lanes
COUNT = 120


def run(backend="myhdl", config=TINY, **inputs):
    return Cycles("activation_writes", unit_ports.activation_writes, config, backend).run(
        COUNT, 1, start=np.arange(COUNT) == 0, **inputs
    )


@pytest.mark.parametrize("backend", SIMULATORS)
def test_levels(backend):
    commit = (np.random.default_rng(0).random(COUNT) < 0.5) & (np.arange(COUNT) > 1)
    found = run(backend, commit=commit, now_dst=3, now_flags_activation=1)
    assert np.array_equal(found["activation_write"], commit)
    assert found["activation_index"][commit].tolist() == [3 * PARTS + i for i in range(commit.sum())]
    assert np.flatnonzero(found["give"]).tolist() == [np.flatnonzero(commit)[0]]
    assert not found["early"].any() and not found["activation_gather"].any()


@pytest.mark.parametrize("backend", SIMULATORS)
def test_gathered_words(backend):
    """Two blocks of 32 elements of two heads, whose words lie 5 apart."""
    drain = np.zeros(COUNT, bool)
    drain[4 : 4 + 2 * PARTS] = drain[40 : 40 + 2 * PARTS] = True
    found = run(backend, drain=drain, now_dst=3, now_heads=2, now_stride=5)
    assert np.array_equal(found["activation_write"], drain) and np.array_equal(found["activation_gather"], drain)
    words = [3, 8, 4, 9]
    assert found["activation_index"][drain].tolist() == [word * PARTS + part for word in words for part in range(PARTS)]
    assert found["activation_chunk"][drain].tolist() == 4 * list(range(PARTS))
    assert np.flatnonzero(found["shift"]).tolist() == [first + PARTS - 1 for first in (4, 4 + PARTS, 40, 40 + PARTS)]
    assert np.flatnonzero(found["drained"] & drain).tolist() == [4 + 2 * PARTS - 1, 40 + 2 * PARTS - 1]


@pytest.mark.parametrize("backend", SIMULATORS)
def test_words_of_shared_rows(backend):
    """Two heads of each of three rows: one row after the other."""
    drain = (np.arange(COUNT) >= 4) & (np.arange(COUNT) < 4 + 6 * PARTS)
    found = run(backend, drain=drain, now_dst=3, now_heads=2, now_stride=5, now_shared=1, now_row=2)
    words = [3, 8, 13, 18, 23, 28]
    assert found["activation_index"][drain].tolist() == [word * PARTS + part for word in words for part in range(PARTS)]
    assert found["activation_row"][drain].tolist() == [row for row in range(3) for _ in range(2 * PARTS)]
    assert found["activation_shared"][drain].all()
    assert np.flatnonzero(found["drained"] & drain).tolist() == [4 + 6 * PARTS - 1]


def test_a_whole_word_per_cycle_is_given_early():
    wide = dataclasses.replace(TINY, lanes=32)
    found = run(config=wide, now_flags_activation=1)
    assert found["early"][1:].all()
