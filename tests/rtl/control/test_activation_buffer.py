"""The activation buffer against a numpy array."""

import dataclasses

import numpy as np
import pytest
from control_benches import activation_buffer_design

from myhdl_acc.rtl.config import AcceleratorConfig
from myhdl_acc.rtl.control.activation_buffer import LATENCY
from myhdl_acc.simulate import BACKENDS, open_simulation
from myhdl_acc.simulate.backpressure import gap_array

TINY = AcceleratorConfig.preset("tiny")
SHAPES = [(2, 2, 32), (1, 2, 16), (4, 4, 17), (32, 2, 20)]


def groups_of(values, config):
    """``values`` int8 (words, rows, 32) as what write stores: uint8 (groups, lanes · rows)."""
    elements = values.swapaxes(1, 2).reshape(-1, config.rows)  # (element, row)
    return elements.view(np.uint8).reshape(-1, config.lanes * config.rows)


def stimulus(data):
    """uint8 (groups, bytes) as a run takes it: fields of up to 63 bits as integers."""
    return data if data.shape[1] > 7 else data.astype(np.int64) @ (256 ** np.arange(data.shape[1]))


def words_of(values):
    return np.ascontiguousarray(values).view(np.uint8).reshape(len(values), -1)


def run(shape, backend, seed, kind="never"):
    lanes, rows, words = shape
    config = dataclasses.replace(TINY, lanes=lanes, rows=rows, activation_words=words)
    rng = np.random.default_rng(seed)
    with open_simulation(activation_buffer_design(config), backend) as simulation:
        values = rng.integers(-128, 128, (words, rows, 32), np.int8)
        groups = groups_of(values, config)
        order = rng.permutation(len(groups))
        data = stimulus(groups[order])
        simulation.run({"sink_write": {"index": order, "data": data}})
        address = np.concatenate([np.arange(words), rng.integers(0, words, 40)])
        result = simulation.run(
            {"sink_read": {"address": address}},
            {"source": len(address)},
            {"source": gap_array(kind, len(address), seed)},
            record=True,
        )
        assert (result.outputs["source"]["word"] == words_of(values)[address]).all()
        # Overwriting a part of a word leaves the rest as it was.
        values.swapaxes(1, 2)[-1, 32 - lanes :] = values.swapaxes(1, 2)[0, :lanes]
        data = stimulus(groups_of(values, config)[-1:])
        simulation.run({"sink_write": {"index": [len(groups) - 1], "data": data}})
        again = simulation.run({"sink_read": {"address": np.arange(words)}}, {"source": words})
        assert (again.outputs["source"]["word"] == words_of(values)).all()
    return result


@pytest.mark.parametrize("shape", SHAPES)
def test_layout(shape):
    run(shape, "myhdl", 1)


@pytest.mark.parametrize("backend", BACKENDS[1:])
def test_converted(backend):
    run(SHAPES[0], backend, 2)


@pytest.mark.parametrize("kind", ["random", "bursty", "always"])
def test_a_word_stays_until_the_next_read(kind):
    run(SHAPES[0], "myhdl", 3, kind)


def test_latency_and_throughput():
    result = run(SHAPES[2], "myhdl", 4)
    assert (result.transfers["source"] - result.transfers["sink_read"] == LATENCY).all()
    assert (np.diff(result.transfers["source"]) == 1).all()
