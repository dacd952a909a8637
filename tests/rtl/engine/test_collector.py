"""The collector: which sums and parameters leave in which order, and how fast."""

import numpy as np
import pytest
from engine_benches import bench_parameter, bench_sum, collector_bench
from hypothesis import given, settings
from hypothesis import strategies as st

from myhdl_acc.hdl.stream import Array, Stream
from myhdl_acc.rtl.config import AcceleratorConfig
from myhdl_acc.rtl.engine import collector as unit
from myhdl_acc.rtl.engine.command import META, QK, command_stream, result_stream
from myhdl_acc.simulate import BACKENDS, Design, clock, open_simulation, reset
from myhdl_acc.simulate.stimulus import to_integers

CONFIGS = {
    "one lane": AcceleratorConfig(lanes=1, rows=2, beat_bits=128, acc_depth=8, max_k=1024),
    "two lanes": AcceleratorConfig(lanes=2, rows=4, beat_bits=128, acc_depth=8, max_k=1024),
    "four lanes": AcceleratorConfig(lanes=4, rows=2, beat_bits=128, acc_depth=8, max_k=1024),
}
#: (mode, middle, split, params)
OPERATIONS = [(QK, 5, 0, 0), (QK, 3, 1, 2), (META, 4, 0, 1), (QK, 1, 0, 3), (META, 1, 1, 1), (QK, 8, 0, 0)]


def expected_words(operations, config):
    """(data, parameter, last) of every result word, in order."""
    words = []
    for number, (mode, middle, split, params) in enumerate(operations):
        bank = number % 2
        for index in range(middle):
            for tap in range(1 + split):
                sums = parameters = 0
                for lane in range(config.lanes):
                    for row in range(config.rows):
                        place = (lane * config.rows + row) * config.acc_bits
                        value = bench_sum(bank, index, lane, row, tap) if mode != META else 0
                        sums |= (value & (1 << config.acc_bits) - 1) << place
                    if params:
                        parameters |= bench_parameter(bank, index, split, tap, lane) << 32 * lane
                last = index == middle - 1 and tap == split
                words.append((sums, parameters, last))
    return words


def collect(backend, operations, config, gaps=None):
    """Run ``operations`` and compare every word; returns the run."""
    words = expected_words(operations, config)
    counts = sum(1 if mode == META else middle for mode, middle, *_ in operations)
    design = Design(
        collector_bench,
        clk=clock(),
        rst=reset(),
        sink_cmd=command_stream(config),
        sink_index=Array("ch", [Stream(data=1) for _ in range(config.lanes)]),
        source_result=result_stream(config),
        config=config,
    )
    command = {name: [0] * len(operations) for name in design.inputs["sink_cmd"].fields}
    command |= {name: [op[i] for op in operations] for i, name in enumerate(("mode", "middle", "split", "params"))}
    indices = {f"sink_index_ch{lane:02d}": {"data": [0] * counts} for lane in range(config.lanes)}
    delays = {name: gap(counts) for name, gap in (gaps or {}).items() if name.startswith("sink_index")}
    if gaps and "sink_cmd" in gaps:
        delays |= {"sink_cmd": gaps["sink_cmd"](len(operations)), "source_result": gaps["source_result"](len(words))}
    with open_simulation(design, backend) as simulation:
        run = simulation.run({"sink_cmd": command} | indices, {"source_result": len(words)}, gaps=delays, record=True)
    out = run.outputs["source_result"]
    assert to_integers(out["data"], config.lanes * config.rows * config.acc_bits, False) == [w[0] for w in words]
    assert to_integers(out["parameter"], 32 * config.lanes, False) == [w[1] for w in words]
    assert (out["last"] != 0).tolist() == [w[2] for w in words]
    return run


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("name", CONFIGS)
def test_order(backend, name):
    collect(backend, OPERATIONS, CONFIGS[name])


@pytest.mark.parametrize("name", CONFIGS)
def test_a_word_per_cycle_across_operations(name):
    run = collect("myhdl", [(QK, 6, 1, 1), (META, 8, 0, 1), (QK, 8, 0, 0), (QK, 1, 0, 0)], CONFIGS[name])
    assert (np.diff(run.transfers["source_result"]) == 1).all()


@pytest.mark.parametrize("name", CONFIGS)
def test_every_index_leaves_as_soon_as_the_slowest_lane_has_it(name):
    config = CONFIGS[name]
    gaps = {f"sink_index_ch{lane:02d}": lambda n, lane=lane: [3 * lane + 5] * n for lane in range(config.lanes)}
    run = collect("myhdl", [(QK, 6, 0, 1)], config, gaps)
    known = run.transfers[f"sink_index_ch{config.lanes - 1:02d}"] + 1  # has_result rises a cycle after the word
    assert (run.transfers["source_result"] - known == unit.LATENCY).all()


operation = st.tuples(st.sampled_from([QK, QK, META]), st.integers(1, 8), st.integers(0, 1), st.integers(0, 1)).map(
    lambda op: (*op[:3], 1) if op[0] == META else op
)


@settings(max_examples=25, deadline=None)
@given(st.sampled_from(sorted(CONFIGS)), st.integers(0, 1 << 32), st.lists(operation, min_size=1, max_size=5))
def test_random_back_pressure(name, seed, operations):
    config, rng = CONFIGS[name], np.random.default_rng(seed)
    gaps = {
        f"sink_index_ch{lane:02d}": lambda n: rng.integers(0, rng.choice([1, 6]), n) for lane in range(config.lanes)
    }
    gaps["sink_cmd"] = lambda n: rng.integers(0, 20, n)
    gaps["source_result"] = lambda n: rng.integers(0, rng.choice([1, 4]), n)
    collect("myhdl", operations, config, gaps)
