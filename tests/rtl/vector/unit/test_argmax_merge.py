"""The merge of two candidates: golden's choice between them, and a tree of merges over many."""

import numpy as np
import pytest
from norm_designs import check
from unit_bench import edge_naturals, edge_values

from golden.units.argmax import argmax
from myhdl_acc.rtl.vector.arith.argmax import LEAST, NO_INDEX
from myhdl_acc.simulate import BACKENDS


def merge(words):
    """golden takes the first of equals, so it gets the candidates in the order of their indices."""
    value = np.stack([words["a_value"], words["b_value"]], axis=1)
    index = np.stack([words["a_index"], words["b_index"]], axis=1)
    order = np.argsort(index, axis=1, kind="stable")
    value, index = np.take_along_axis(value, order, axis=1), np.take_along_axis(index, order, axis=1)
    chosen = argmax(value)[:, None]
    return {
        "best_value": np.take_along_axis(value, chosen, axis=1)[:, 0],
        "best_index": np.take_along_axis(index, chosen, axis=1)[:, 0],
    }


def check_merge(words, backend, seed=None):
    check("argmax_merge", words, merge(words), backend, seed)


def stimulus(rng, count):
    words = {
        "a_value": edge_values(32, rng, count),
        "a_index": edge_naturals(32, rng, count),
        "b_value": edge_values(32, rng, count),
        "b_index": edge_naturals(32, rng, count),
    }
    same_value, same_index = rng.random((2, count)) < 0.4
    words["b_value"] = np.where(same_value, words["a_value"], words["b_value"])
    words["b_index"] = np.where(same_index, words["a_index"], words["b_index"])
    empty = rng.random(count) < 0.1
    words["a_value"] = np.where(empty, LEAST, words["a_value"])
    words["a_index"] = np.where(empty, NO_INDEX, words["a_index"])
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
            "a_value": best[:, 1::2].ravel(),
            "a_index": index[:, 1::2].ravel(),
            "b_value": best[:, 0::2].ravel(),
            "b_index": index[:, 0::2].ravel(),
        }
        check_merge(words, "verilator")
        best, index = (column.reshape(50, -1) for column in merge(words).values())
    assert (index[:, 0] == argmax(logits.reshape(50, -1))).all()
