"""The store of the program: what was kept comes from any target on, as fast as it is taken."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pass_views import CONFIGS
from resident_benches import head_queue_design, program_store_design

from myhdl_acc.report.synthesis import depths
from myhdl_acc.rtl.control.program_store import LATENCY
from myhdl_acc.simulate import BACKENDS, open_simulation
from myhdl_acc.simulate.backpressure import gap_array
from myhdl_acc.simulate.exercise import exercise

SMALL = dataclasses.replace(CONFIGS["tiny"], program_depth=21)


def load(simulation, words, length, kind="never"):
    """Bring ``words``; those up to ``length`` count."""
    simulation.run({"sink_clear": {"length": [length]}})
    run = simulation.run({"sink": {"word": words}}, None, {"sink": gap_array(kind, len(words), 1)}, record=True)
    assert kind != "never" or (run.transfers["sink"] == np.arange(len(words))).all()  # always ready


def jump(simulation, words, targets, counts, kinds=("never", "never"), seed=0):
    expected = np.concatenate([words[target : target + count] for target, count in zip(targets, counts, strict=True)])
    gaps = {"sink_jump": gap_array(kinds[0], len(targets), seed), "source": gap_array(kinds[1], len(expected), seed)}
    run = simulation.run(
        {"sink_jump": {"target": targets, "count": counts}}, {"source": len(expected)}, gaps, record=True
    )  # fmt: skip
    assert (run.outputs["source"]["word"] == expected).all()
    return run


def random_jumps(rng, length, count):
    targets = rng.integers(0, length, count)
    return targets, [int(rng.integers(1, min(length - target, 9) + 1)) for target in targets]


@settings(max_examples=12, deadline=None)
@given(seed=st.integers(0, 1 << 32), kinds=st.tuples(*[st.sampled_from(["never", "random", "bursty"])] * 3))
def test_any_program(seed, kinds):
    """One after the other, longer and shorter ones, some longer than the store."""
    rng = np.random.default_rng(seed)
    with open_simulation(program_store_design(SMALL), "myhdl") as simulation:
        for _ in range(4):
            length = int(rng.integers(1, 30))
            words = rng.integers(0, 256, (length + int(rng.integers(3)), 32), np.uint8)
            load(simulation, words, length, kinds[2])
            jump(simulation, words, *random_jumps(rng, min(length, SMALL.program_depth), 8), kinds[:2], seed)


@pytest.mark.parametrize("backend", BACKENDS)
def test_in_every_simulator_a_word_per_cycle(backend):
    rng = np.random.default_rng(3)
    words = rng.integers(0, 256, (150, 32), np.uint8)
    with open_simulation(program_store_design(CONFIGS["tiny"]), backend) as simulation:
        load(simulation, words, 150)
        jump(simulation, words, *random_jumps(rng, 150, 20), ("random", "bursty"))
        targets, counts = [0, 149, 70, 3], [150, 1, 40, 2]
        run = jump(simulation, words, targets, counts)
    first = np.cumsum(counts) - counts
    assert (run.transfers["source"][first] == run.transfers["sink_jump"] + LATENCY).all()
    assert (np.delete(np.diff(run.transfers["source"]), first[1:] - 1) == 1).all()


def test_full():
    """With the last word that counts, at once if there is none, and no longer once another program begins."""
    words = np.zeros((5, 32), np.uint8)
    with open_simulation(program_store_design(SMALL), "myhdl") as simulation:
        for length, place in ((5, None), (3, 3), (0, 0)):
            simulation.run({"sink_clear": {"length": [length]}})
            run = simulation.run({"sink": {"word": words}}, record=True)
            high = [e.cycle_start for e in run.events if e.unit == "full" and e.state == "value:1"]
            assert high == ([] if place is None else [place])


@pytest.mark.parametrize("depth", [3, 4, 7])
@pytest.mark.parametrize("backend", ["myhdl", "verilator"])
def test_head_queue(backend, depth):
    """The words in their order under any back-pressure; one per cycle, a cycle later, if nothing waits."""
    words = {"word": np.random.default_rng(depth).integers(0, 1 << 16, 120)}
    runs = exercise(head_queue_design(depth), {"sink": words}, {"source": words}, backend)
    assert runs["full_speed"].transfers["sink"].tolist() == list(range(120))
    assert (runs["full_speed"].transfers["source"] == runs["full_speed"].transfers["sink"] + 1).all()


@pytest.mark.parametrize("depth", [3, 4, 7])
def test_head_queue_holds_its_depth(depth):
    words = {"word": np.arange(20)}
    gaps = {"source": [50] + [0] * 19}
    with open_simulation(head_queue_design(depth), "myhdl") as simulation:
        run = simulation.run({"sink": words}, {"source": 20}, gaps, record=True)
    assert run.transfers["sink"][:depth].tolist() == list(range(depth))
    assert run.transfers["sink"][depth] > run.transfers["source"][0]


def test_levels():
    assert max(depths(program_store_design(CONFIGS["u280"])).values()) <= 9
