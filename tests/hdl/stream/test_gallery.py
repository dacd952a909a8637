"""All stream blocks in all simulators: the same words, the same cycles, the same events."""

import numpy as np
import pytest
from stream_designs import gallery, gallery_ports, make, words_for

from myhdl_acc.hdl.convert.convert import convert
from myhdl_acc.simulate import BACKENDS, open_simulation
from myhdl_acc.simulate.backpressure import gap_array
from myhdl_acc.simulate.exercise import PATTERNS
from myhdl_acc.simulate.lint import lint_verilog
from myhdl_acc.simulate.scoreboard import check_run

WORDS = 36


def test_the_converted_blocks_lint_clean(tmp_path):
    report = convert(make(gallery, **gallery_ports()), "verilog", tmp_path)
    lint_verilog(report)


def stimuli(design):
    """Inputs of the gallery, and how many words to await on each output."""
    inputs = {name: words_for(design, name, WORDS, seed) for seed, name in enumerate(design.inputs)}
    expect = dict.fromkeys(design.outputs, WORDS)
    expect["source_robin"], expect["source_lowest"] = 3 * WORDS, 2 * WORDS
    inputs["sink_widen"]["last"] = (np.arange(WORDS) % 5 == 4).astype(np.int64)
    inputs["sink_widen"]["last"][-1] = 1
    expect["source_widen"], expect["source_narrow"] = 15, 3 * WORDS
    return inputs, expect


def run_all(backend):
    """The recorded run of the gallery under two patterns of back-pressure, each in a fresh session."""
    design = make(gallery, **gallery_ports())
    inputs, expect = stimuli(design)
    runs = []
    for pattern in ("full_speed", "random"):
        ends = zip(
            PATTERNS[pattern], ({n: len(next(iter(w.values()))) for n, w in inputs.items()}, expect), strict=True
        )
        gaps = {
            name: gap_array(kind, count, seed)
            for kind, counts in ends
            for seed, (name, count) in enumerate(counts.items())
        }
        with open_simulation(design, backend=backend) as simulation:
            runs.append(simulation.run(inputs, expect, gaps=gaps, record=True))
    return runs


@pytest.fixture(scope="module")
def reference():
    return run_all("myhdl")


@pytest.mark.parametrize("backend", [backend for backend in BACKENDS if backend != "myhdl"])
def test_converted_blocks_behave_like_the_generators(backend, reference):
    for run, wanted in zip(run_all(backend), reference, strict=True):
        check_run(run, wanted.outputs)
        assert run.cycles == wanted.cycles
        assert run.counts == wanted.counts
        for stream, cycles in wanted.transfers.items():
            assert run.transfers[stream].tolist() == cycles.tolist(), stream
        assert run.events == wanted.events
