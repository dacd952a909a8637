"""The merge of two candidates: golden's choice between them, and a tree of merges over many."""

import numpy as np
import pytest
from operands import check, naturals, numbers
from unit_bench import run_unit

from golden.units.argmax import argmax
from myhdl_acc.simulate import BACKENDS
from myhdl_acc.stream import signed
from myhdl_acc.vector.argmax import LEAST, NO_INDEX

OPERANDS = {"value_a": signed(32), "index_a": 32, "value_b": signed(32), "index_b": 32}
RESULTS = {"best": signed(32), "best_index": 32}


def check_merge(words, backend, seed=None):
    """golden takes the first of equals, so it gets the candidates in the order of their indices."""
    value = np.stack([words["value_a"], words["value_b"]], axis=1)
    index = np.stack([words["index_a"], words["index_b"]], axis=1)
    order = np.argsort(index, axis=1, kind="stable")
    value, index = np.take_along_axis(value, order, axis=1), np.take_along_axis(index, order, axis=1)
    chosen = argmax(value)[:, None]
    wanted = {
        "best": np.take_along_axis(value, chosen, axis=1)[:, 0],
        "best_index": np.take_along_axis(index, chosen, axis=1)[:, 0],
    }
    check("argmax_merge", OPERANDS, RESULTS, words, wanted, backend, seed)


def stimulus(rng, count):
    words = {
        "value_a": numbers(rng, 32, count),
        "index_a": naturals(rng, 32, count),
        "value_b": numbers(rng, 32, count),
        "index_b": naturals(rng, 32, count),
    }
    same_value, same_index = rng.random((2, count)) < 0.4
    words["value_b"] = np.where(same_value, words["value_a"], words["value_b"])
    words["index_b"] = np.where(same_index, words["index_a"], words["index_b"])
    empty = rng.random(count) < 0.1
    words["value_a"] = np.where(empty, LEAST, words["value_a"])
    words["index_a"] = np.where(empty, NO_INDEX, words["index_a"])
    return words


def test_a_million():
    check_merge(stimulus(np.random.default_rng(0), 1_000_000), "verilator")


@pytest.mark.parametrize("backend", BACKENDS)
def test_in_every_simulator(backend):
    check_merge(stimulus(np.random.default_rng(1), 200), backend, seed=2)


def test_a_tree_over_columns():
    """Columns that hold every 32nd element: merging their choices gives the choice over all elements."""
    rng = np.random.default_rng(3)
    logits = rng.integers(-20, 20, (50, 30, 32))  # vectors, indices, columns
    index = np.argmax(logits, axis=1)
    best = np.take_along_axis(logits, index[:, None], axis=1)[:, 0]
    index = 32 * index + np.arange(32)
    while best.shape[1] > 1:
        words = {
            "value_a": best[:, 1::2].ravel(),
            "index_a": index[:, 1::2].ravel(),
            "value_b": best[:, 0::2].ravel(),
            "index_b": index[:, 0::2].ravel(),
        }
        merged = run_unit("argmax_merge", OPERANDS, RESULTS, words, "verilator")
        best, index = (merged[name].reshape(50, -1) for name in RESULTS)
    assert (index[:, 0] == argmax(logits.reshape(50, -1))).all()
