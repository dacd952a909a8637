"""The load chain's hop: its own words, everybody's words, other lanes' words, and slices for this lane alone."""

import numpy as np
import pytest
from engine_benches import load_hop_bench
from hypothesis import given, settings
from hypothesis import strategies as st

from golden.units.load_unit import NEW_KEY, NEW_VALUE, SLICE
from myhdl_acc.hdl.stream import Stream
from myhdl_acc.rtl.engine import load_hop as unit
from myhdl_acc.simulate import BACKENDS, Design, clock, open_simulation, reset

ATOMS = 2
KINDS = {
    "mine": SLICE, "all": SLICE, "mine and another": SLICE, "key": NEW_KEY, "value": NEW_VALUE, "all_keys": NEW_KEY,
    "key for two": NEW_KEY,
}  # fmt: skip
SLICES = ("mine", "all", "mine and another")
TWO = ("mine and another", "key for two")  # every fourth lane from this one on


def run_words(backend, kinds, own=0, gaps=None):
    """``kinds``: per pair of words a key of KINDS or "other"; ``own``: pairs of words at sink_local. Returns the run
    after all that comes out has been checked. Chain and own slices may come in any order, so only one of them is
    given."""
    assert not own or not set(kinds) & set(SLICES)
    words = [
        (
            2 if kind == "other" else 0,
            3 * (kind in TWO),
            kind in ("all", "all_keys"),
            KINDS.get(kind, i % 3),
            10 * i + j,
        )
        for i, kind in enumerate(kinds)
        for j in range(ATOMS)
    ]
    fields = dict(lane=2, again=2, broadcast=1, kind=2, data=16)
    design = Design(
        load_hop_bench,
        clk=clock(),
        rst=reset(),
        sink=Stream(**fields),
        sink_local=Stream(data=16),
        sink_key_room=Stream(data=1),
        sink_value_room=Stream(data=1),
        source=Stream(**fields),
        source_slice=Stream(word0=16, word1=16),
        source_key=Stream(data=16),
        source_value=Stream(data=16),
        atoms=ATOMS,
    )
    taken = {name: [w for w in words if (w[0] == 0) and w[3] == kind] for name, kind in (("key", 1), ("value", 2))}
    slices = [(10 * i, 10 * i + 1) for i, k in enumerate(kinds) if k in SLICES]
    slices += [(1000 + 10 * i, 1001 + 10 * i) for i in range(own)]
    passed = [(lane - 1 if lane else again, again, *rest) for lane, again, *rest in words if lane or again or rest[0]]
    inputs = {
        "sink": {name: [word[i] for word in words] for i, name in enumerate(fields)},
        "sink_local": {"data": [1000 + 10 * i + j for i in range(own) for j in range(ATOMS)]},
        "sink_key_room": {"data": [0] * len(taken["key"])},
        "sink_value_room": {"data": [0] * len(taken["value"])},
    }
    expect = {"source": len(passed), "source_slice": len(slices)}
    expect |= {f"source_{name}": len(found) for name, found in taken.items()}
    delays = {
        name: gap(expect.get(name, len(inputs.get(name, {"data": []})["data"]))) for name, gap in (gaps or {}).items()
    }
    with open_simulation(design, backend) as simulation:
        run = simulation.run(inputs, expect, gaps=delays, record=True)
    out = run.outputs["source_slice"]
    assert list(zip(out["word0"].tolist(), out["word1"].tolist(), strict=True)) == slices
    out = run.outputs["source"]
    got = list(zip(*(out[name].tolist() for name in fields), strict=True))
    assert got == passed
    for name, found in taken.items():
        assert run.outputs[f"source_{name}"]["data"].tolist() == [word[-1] for word in found]
    return run


@pytest.mark.parametrize("backend", BACKENDS)
def test_routes(backend):
    run_words(backend, [*KINDS, "other", "mine", "all"])


def test_passes_a_word_per_cycle_with_latency_one():
    run = run_words("myhdl", ["other"] * 10)
    assert (np.diff(run.transfers["sink"]) == 1).all()
    assert (run.transfers["source"] - run.transfers["sink"] == 1).all()


def test_own_words_appear_after_the_latency():
    run = run_words("myhdl", ["key"] * 4)
    assert (np.diff(run.transfers["sink"]) == 1).all()
    assert (run.transfers["source_key"] - run.transfers["sink"] == unit.LATENCY).all()


@pytest.mark.parametrize("backend", ["myhdl", "verilator"])
def test_a_key_that_waits_does_not_hold_up_local_slices(backend):
    run = run_words(backend, ["key", "other"], own=3, gaps={"sink_key_room": lambda n: [200] + [0] * (n - 1)})
    assert run.transfers["source_slice"][-1] < 50
    assert run.transfers["source_key"][0] > 200


ANY_GAPS = {
    "sink": 3, "sink_local": 4, "source": 3, "source_slice": 9, "sink_key_room": 12, "sink_value_room": 12
}  # fmt: skip


@settings(max_examples=25, deadline=None)
@given(
    st.integers(0, 1 << 32), st.lists(st.sampled_from([*KINDS, "other"]), min_size=1, max_size=12), st.integers(0, 5)
)
def test_random_back_pressure(seed, kinds, own):
    rng = np.random.default_rng(seed)
    if own:
        kinds = ["other" if kind in SLICES else kind for kind in kinds]
    gaps = {name: lambda count, most=most: rng.integers(0, most, count) for name, most in ANY_GAPS.items()}
    run_words("myhdl", kinds, own, gaps)
