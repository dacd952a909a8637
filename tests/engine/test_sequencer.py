"""The sequencer against its golden twin: the loop nest, and no cycle lost between beats or operations."""

import numpy as np
import pytest
from engine_benches import sequencer_bench
from hypothesis import given, settings
from hypothesis import strategies as st

from golden.units.sequencer import sequencer as golden_sequencer
from myhdl_acc.config import AcceleratorConfig
from myhdl_acc.engine.command import MODES, command_stream
from myhdl_acc.simulate import BACKENDS, Design, clock, open_simulation, reset
from myhdl_acc.stream import Stream

CONFIG = AcceleratorConfig.preset("tiny")
ADDRESS_BITS = (CONFIG.acc_depth - 1).bit_length()
NESTS = [
    ("w2", 3, 5, 1),
    ("w4", 2, 16, 2),
    ("pv", 5, 4, 1),
    ("w8", 1, 3, 4),
    ("qk", 2, 6, 2),
    ("w2", 1, 1, 1),
    ("w4", 1, 1, 2),
]


def run_commands(backend, nests, collect_time=1, gaps=None):
    """The run, and the golden beats, of commands with (mode, outer, middle, inner)."""
    expected = [dict(beat, operation=n) for n, nest in enumerate(nests) for beat in golden_sequencer(*nest)]
    design = Design(
        sequencer_bench,
        clk=clock(),
        rst=reset(),
        sink_cmd=command_stream(CONFIG),
        sink_beat=Stream(data=1),
        sink_operand=Stream(data=1),
        source=Stream(scale=1, swap=1, phase=2, control=6 + ADDRESS_BITS),
        collect_time=collect_time,
    )
    inputs = {
        "sink_cmd": {
            "mode": [MODES[mode] for mode, *_ in nests],
            "outer": [nest[1] for nest in nests],
            "middle": [nest[2] for nest in nests],
            "inner": [nest[3] - 1 for nest in nests],
            "split": [0] * len(nests),
            "reduce": [0] * len(nests),
        },
        "sink_beat": {"data": [0] * len(expected)},
        "sink_operand": {"data": [0] * sum(beat.get("swap", False) for beat in expected)},
    }
    with open_simulation(design, backend) as simulation:
        run = simulation.run(inputs, {"source": len(expected)}, gaps=gaps, record=True)
    return run, expected


def check(run, expected):
    out = run.outputs["source"]
    for i, beat in enumerate(expected):
        assert bool(out["scale"][i]) == beat["scale"]
        if beat["scale"]:
            continue
        control = int(out["control"][i])
        assert control & 1
        got = {
            "first": control >> 1 & 1, "last": control >> 2 & 1, "fresh": control >> 3 & 1,
            "done": control >> 5 & 1, "address": control >> 6,
            "swap": int(out["swap"][i]), "phase": int(out["phase"][i]),
        }  # fmt: skip
        assert got == {name: int(beat[name]) for name in got}
        assert control >> 4 & 1 == beat["operation"] % 2  # the bank


@pytest.mark.parametrize("backend", BACKENDS)
def test_no_cycle_lost_between_operations(backend):
    run, expected = run_commands(backend, NESTS)
    check(run, expected)
    assert (np.diff(run.transfers["source"]) == 1).all()


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 1 << 32), st.lists(st.sampled_from(NESTS), min_size=1, max_size=5), st.integers(1, 40))
def test_random_back_pressure(seed, nests, collect_time):
    rng = np.random.default_rng(seed)
    beats = sum(len(golden_sequencer(*nest)) for nest in nests)
    slices = sum(beat.get("swap", False) for nest in nests for beat in golden_sequencer(*nest))
    gaps = {
        "sink_cmd": rng.integers(0, 30, len(nests)),
        "sink_beat": rng.integers(0, 3, beats),
        "sink_operand": rng.integers(0, 8, slices),
    }
    check(*run_commands("myhdl", nests, collect_time, gaps))
