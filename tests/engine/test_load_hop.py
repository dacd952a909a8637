"""The load chain's hop: its own words, everybody's words, other lanes' words."""

import numpy as np
import pytest
from engine_benches import load_hop_bench
from hypothesis import given, settings
from hypothesis import strategies as st

from myhdl_acc.simulate import BACKENDS, Design, clock, open_simulation, reset
from myhdl_acc.stream import Stream

ATOMS = 2


def run_words(backend, kinds, gaps=None):
    """``kinds``: per pair of words "mine", "all" or "other"; returns run, slices and passed-on words that must come
    out."""
    lanes = {"mine": 0, "all": 0, "other": 2}
    words = [(lanes[k], k == "all", 10 * i + j) for i, k in enumerate(kinds) for j in range(ATOMS)]
    design = Design(
        load_hop_bench,
        clk=clock(),
        rst=reset(),
        sink=Stream(lane=2, broadcast=1, data=16),
        source=Stream(lane=2, broadcast=1, data=16),
        source_slice=Stream(word0=16, word1=16),
        atoms=ATOMS,
    )
    slices = [(10 * i, 10 * i + 1) for i, k in enumerate(kinds) if k != "other"]
    passed = [(lane - 1 if lane else 0, all_, data) for lane, all_, data in words if lane or all_]
    inputs = {"sink": {name: [word[i] for word in words] for i, name in enumerate(("lane", "broadcast", "data"))}}
    with open_simulation(design, backend) as simulation:
        run = simulation.run(inputs, {"source": len(passed), "source_slice": len(slices)}, gaps=gaps, record=True)
    out = run.outputs["source_slice"]
    assert list(zip(out["word0"].tolist(), out["word1"].tolist(), strict=True)) == slices
    out = run.outputs["source"]
    got = [
        (lane, all_, data)
        for lane, all_, data in zip(*(out[n].tolist() for n in ("lane", "broadcast", "data")), strict=True)
    ]
    assert [data for _, _, data in got] == [data for _, _, data in passed]
    assert [(lane, all_) for lane, all_, _ in got if not all_] == [(lane, all_) for lane, all_, _ in passed if not all_]
    return run


@pytest.mark.parametrize("backend", BACKENDS)
def test_routes(backend):
    run_words(backend, ["mine", "other", "all", "other", "mine", "all"])


def test_passes_a_word_per_cycle_with_latency_one():
    run = run_words("myhdl", ["other"] * 10)
    assert (np.diff(run.transfers["sink"]) == 1).all()
    assert (run.transfers["source"] - run.transfers["sink"] == 1).all()


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 1 << 32), st.lists(st.sampled_from(["mine", "all", "other"]), min_size=1, max_size=12))
def test_random_back_pressure(seed, kinds):
    rng = np.random.default_rng(seed)
    passed = ATOMS * sum(k != "mine" for k in kinds)
    gaps = {
        "sink": rng.integers(0, 3, ATOMS * len(kinds)),
        "source": rng.integers(0, 3, passed),
        "source_slice": rng.integers(0, 9, sum(k != "other" for k in kinds)),
    }
    run_words("myhdl", kinds, gaps)
