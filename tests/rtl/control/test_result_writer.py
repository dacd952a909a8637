"""What the host is told in memory, against golden's ResultEntry: every choice, then the end, once all is written."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pass_views import CONFIGS
from resident_benches import WRITE_TIME, result_writer_design

from golden.machine.text import BY_HEAD
from golden.units.result_entry import END, TOKEN, ResultEntry
from myhdl_acc.report.synthesis import depths
from myhdl_acc.rtl.control.result_writer import LATENCY, SETTLE
from myhdl_acc.simulate import BACKENDS, open_simulation
from myhdl_acc.simulate.backpressure import gap_array


def tell(simulation, config, rng, count, kinds=("never", "never")):
    """A run with ``count`` choices and its end through the bench; the record, whose beats are right."""

    def word():
        return int(rng.integers(1 << 32))

    ring = {"results": word(), "results_mask": (1 << int(rng.integers(17))) - 1, "tag": word()}
    first, position, code = word(), word(), int(rng.integers(7))
    indices, tokens = [(first + n) % (1 << 32) for n in range(count)], [word() for _ in range(count)]
    places, by_head = ([int(rng.integers(most)) for _ in range(count)] for most in (16, 2))
    codes = [place + BY_HEAD * own for place, own in zip(places, by_head, strict=True)]
    sizes = {"sink": count, "source": count + 1}
    gaps = {name: gap_array(kind, sizes[name], count) for name, kind in zip(sizes, kinds, strict=True)}
    # The end may come while choices wait, but not before the last one waits.
    end = 2 if kinds[0] == "never" else int(sum(map(sum, gaps.values()))) + 2 * count + 2
    run = simulation.run(
        {
            "sink": {"index": indices, "token": tokens, "place": places, "by_head": by_head},
            "sink_end": {"index": [(first + count) % (1 << 32)], "position": [position], "code": [code]},
            **{f"ring_{name}": value for name, value in ring.items()},
        },
        {"source": count + 1, "source_told": 1},
        {"sink_end": [end], **gaps},
        record=True,
    )
    beats = run.outputs["source"]["data"].reshape(count + 1, -1)
    began = int(run.outputs["source_told"]["cycles"][0]) - int(run.transfers["source_told"][0])
    told = [*zip(indices, tokens, strict=True), ((first + count) % (1 << 32), position)]
    for number, ((index, token), beat) in enumerate(zip(told, beats, strict=True)):
        kind = (TOKEN, codes[number]) if number < count else (END, code)
        stamp = int(np.frombuffer(beat[8:12].tobytes(), "<u4")[0])
        entry = ResultEntry(index, token, stamp, ring["tag"] & 0xFFFF, *kind)
        assert (np.frombuffer(beat[:16].tobytes(), "<u4") == entry.words()).all() and not beat[16:].any()
        address = (ring["results"] + (index & ring["results_mask"])) % (1 << 32)
        assert int(run.outputs["source"]["address"][number]) == address
        if number < count:
            assert stamp == began + int(run.transfers["sink"][number])
    assert run.transfers["source_told"][0] == run.transfers["source"][-1] + 1 + WRITE_TIME + SETTLE
    return run


@pytest.mark.parametrize("name", CONFIGS)
@settings(max_examples=6, deadline=None)
@given(seed=st.integers(0, 1 << 32), kinds=st.tuples(*[st.sampled_from(["never", "random", "bursty"])] * 2))
def test_any_run(name, seed, kinds):
    rng = np.random.default_rng(seed)
    with open_simulation(result_writer_design(CONFIGS[name]), "myhdl") as simulation:
        for _ in range(3):
            tell(simulation, CONFIGS[name], rng, int(rng.integers(0, 12)), kinds)


@pytest.mark.parametrize("backend", BACKENDS)
def test_in_every_simulator_an_entry_every_second_cycle(backend):
    config, rng = CONFIGS["tiny"], np.random.default_rng(2)
    with open_simulation(result_writer_design(config), backend) as simulation:
        tell(simulation, config, rng, 30, ("random", "random"))
        run = tell(simulation, config, rng, 30)
    assert (run.transfers["source"][:-1] == run.transfers["sink"] + LATENCY).all()
    assert (np.diff(run.transfers["source"]) == 2).all()


@pytest.mark.parametrize("name", ["sixteen rows", "u280"])
def test_levels(name):
    assert max(depths(result_writer_design(CONFIGS[name])).values()) <= 9
