"""Few layers stand for all: which are run, until when more are, and how far that is from all of them."""

import dataclasses
import json

import pytest

from golden.llm import models
from myhdl_acc.report.perf.analytic import analytic_token
from myhdl_acc.report.perf.compose import UNSURE, compose, composed_pass, composition
from myhdl_acc.report.perf.lost_cycles import MEMORY
from myhdl_acc.report.perf.measure import Pass, measure_token
from myhdl_acc.report.perf.report import measure
from myhdl_acc.report.perf.shapes import Shape, shape
from myhdl_acc.rtl.config import AcceleratorConfig
from scripts.docs import data

TINY, U280 = (AcceleratorConfig.preset(name) for name in ("tiny", "u280"))
GLASSLLM = models.outline("glassllm").spec


def cost(layers, whole):
    """A Pass that takes what its layers do, and 7 cycles besides."""
    cycles = [1000 + 100 * ("w8" in whole.layer_kind(layer)[0]) + 10 * whole.layer_kind(layer)[1] for layer in layers]
    return Pass(1, 7 + sum(cycles), 2 * len(layers) + 1, {"a": len(layers), "b": 3.0}, sum(cycles) / 2)


@pytest.mark.parametrize("shortest", [2, 6])
@pytest.mark.parametrize("first", ["w2", "w8"])
def test_every_kind_of_layer_stands_for_its_own(first, shortest):
    spec = dataclasses.replace(GLASSLLM, layers=24, unrotated=(3, 7, 11, 15, 19, 23))
    plain = Shape.of(spec, "w2", "w8")
    wide = {name: "w8" for name in plain.kinds if name.startswith(("layers.5.", "layers.6.", "layers.7."))}
    whole = Shape(spec, plain.kinds | wide | {name: first for name in plain.kinds if name.startswith("layers.0.")})
    runs = composition(whole, shortest)
    assert len(runs) == 1 + 4
    found, expected = compose([(cost(layers, whole), weight) for layers, weight in runs]), cost(range(24), whole)
    assert (found.cycles, found.beats, found.multiplied) == (expected.cycles, expected.beats, expected.multiplied)
    assert found.lost == pytest.approx(expected.lost)


def test_of_equal_layers_two_runs_are_of_one_kind():
    llama = shape("llama-2-7b")
    assert composition(llama, 2) == [((0, 0), -14), ((0, 0, 0, 0), 15)]
    assert composition(llama, 4) == [((0, 0, 0, 0), -13), ((0,) * 6, 14)]


class Queue:
    """Runs of layers that take 100 cycles each. In the first ``filling`` of them a queue fills for what comes last,
    which waits ``less`` cycles less for each.
    """

    def __init__(self, filling, less=20):
        self.filling, self.less = filling, less
        self.layers = []  # of every run

    def __call__(self, part):
        layers = part.spec.layers
        self.layers.append(layers)
        waited = 500 - self.less * min(layers, self.filling)
        return Pass(1, 100 * layers + waited, 80 * layers, {MEMORY: waited}, 70.0 * layers)


@pytest.mark.parametrize(
    "filling, less, runs, method",
    [
        (1, 20, [2, 4], "composed"),
        (2, 20, [2, 4], "composed"),
        (3, 20, [2, 4, 6], "composed"),
        (6, 20, [2, 4, 6, 8], "composed"),
        (9, 20, [2, 4, 6, 8, 30], "simulated"),  # runs of 10 more would be as many as all
        (30, 0.4, [2, 4], "composed"),  # too little to matter
    ],
)
def test_layers_are_added_while_a_queue_fills(filling, less, runs, method):
    queue = Queue(filling, less)
    whole = shape("smollm2")
    found, how = composed_pass(whole, queue)
    assert (queue.layers, how) == (runs, method)
    assert found.cycles == pytest.approx(Queue(filling, less)(whole).cycles, rel=UNSURE)


def test_few_layers_are_all_run():
    queue = Queue(1)
    found, method = composed_pass(shape("glassllm"), queue)
    assert (queue.layers, method, found.cycles) == ([4], "simulated", 880)


def test_a_first_layer_unlike_the_others_by_the_analytic_model():
    """Of Llama-3.2-1B on u280 the first layer takes an eighth less than any other: its queues begin empty."""
    whole = shape("llama-3.2-1b")
    found, _ = composed_pass(whole, lambda part: analytic_token(part, U280, 4096, 1024))
    assert found.cycles == pytest.approx(analytic_token(whole, U280, 4096, 1024).cycles, rel=0.005)


@pytest.mark.parametrize("unrotated", [(), tuple(range(1, 16, 2))])
def test_rtl(tmp_path, unrotated):
    """Layers without RoPE need fewer queries and scores where there are sinks: others cannot stand for them."""
    path = tmp_path / "sizes.json"
    path.write_text(json.dumps(dataclasses.replace(GLASSLLM, layers=16, unrotated=unrotated).to_dict()))
    whole, composed = (measure(path, TINY, 80, 64, composed=composed) for composed in (False, True))
    assert (whole.method, composed.method) == ("simulated", "composed")
    assert composed.measured.cycles == pytest.approx(whole.measured.cycles, rel=0.02)
    assert composed.measured.beats == whole.measured.beats


@pytest.mark.slow  # a simulator of its own
def test_rtl_whose_queue_fills_in_some_layers():
    """It has what the card has: a port as wide as memory, a long queue, and lanes that wait for the vector unit."""
    config = dataclasses.replace(
        TINY, lanes=1, beat_bits=512, acc_depth=512, max_k=16384, vector_depth=8192, activation_words=256, prefetch=4096
    )
    spec = dataclasses.replace(GLASSLLM, layers=16, vocab=16384, ffn=1024, heads=2, kv_heads=1)
    whole = Shape.of(spec, "w8", "w4")
    two, four, all_of = (
        measure_token(part, config, 16, 64) for part in (whole.of_layers((0,) * 2), whole.of_layers((0,) * 4), whole)
    )
    # What the queue holds for the head grows from two layers to four, so these two do not stand for all.
    assert two.lost[MEMORY] > four.lost[MEMORY] + 300
    assert compose([(two, -6), (four, 7)]).cycles < 0.99 * all_of.cycles
    found, method = composed_pass(whole, lambda part: measure_token(part, config, 16, 64))
    assert method == "composed" and found.cycles == pytest.approx(all_of.cycles, rel=0.005)


@pytest.mark.slow
def test_a_model_on_the_card():
    found = measure("llama-3.2-1b", U280, 4096, composed=True)
    whole = data.read("cycles")["llama-3.2-1b"]["cycles_per_token"]
    assert found.method == "composed" and found.cycles_per_token == pytest.approx(whole, rel=0.01)
