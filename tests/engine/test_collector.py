"""The collector: which sums leave in which order, and how fast."""

import numpy as np
import pytest
from engine_benches import bench_sum, collector_bench
from hypothesis import given, settings
from hypothesis import strategies as st

from myhdl_acc.config import AcceleratorConfig
from myhdl_acc.engine import collector as unit
from myhdl_acc.engine.command import command_stream, result_stream
from myhdl_acc.simulate import BACKENDS, Design, clock, open_simulation, reset
from myhdl_acc.simulate.stimulus import to_integers
from myhdl_acc.stream import Bundle, Stream

CONFIGS = {
    "one at a time": AcceleratorConfig(lanes=3, rows=2, beat_bits=128, collect=1, acc_depth=8, max_k=1024),
    "in chunks": AcceleratorConfig(lanes=4, rows=4, beat_bits=128, collect=2, acc_depth=8, max_k=1024),
    "all at once": AcceleratorConfig(lanes=2, rows=2, beat_bits=128, collect=2, acc_depth=8, max_k=1024),
}
#: (middle, split, reduce)
OPERATIONS = [(5, 0, 0), (3, 1, 0), (4, 0, 1), (1, 0, 0), (2, 1, 1), (8, 0, 0), (1, 0, 1)]


def expected_words(operations, config):
    """(data, last, operation) of every result word, in order."""
    mask = (1 << config.acc_bits) - 1
    words = []
    for number, (middle, split, reduce) in enumerate(operations):
        for index in range(middle):
            for tap in range(1 + split):
                sums = np.array(
                    [
                        [bench_sum(number % 2, index, lane, row, tap) for row in range(config.rows)]
                        for lane in range(config.lanes)
                    ]
                )
                chunks = [sums.sum(0, keepdims=True)] if reduce else np.split(sums, config.lanes // config.collect)
                for chunk in chunks:
                    data = 0
                    for position, value in enumerate(chunk.reshape(-1).tolist()):
                        data |= (value & mask) << (position * config.acc_bits)
                    words.append([data, False, number])
        words[-1][1] = True
    return words


def collect(backend, operations, config, gaps=None):
    """Run ``operations`` and compare every word; returns the run and the number of words of each operation."""
    words = expected_words(operations, config)
    design = Design(
        collector_bench,
        clk=clock(),
        rst=reset(),
        sink_cmd=command_stream(config),
        sink_done=Bundle("ch", [Stream(data=1) for _ in range(config.lanes)]),
        source_result=result_stream(config),
        config=config,
    )
    command = {name: [0] * len(operations) for name in ("mode", "outer", "inner")}
    command |= {name: [op[i] for op in operations] for i, name in enumerate(("middle", "split", "reduce"))}
    done = {f"sink_done_ch{lane:02d}": {"data": [0] * len(operations)} for lane in range(config.lanes)}
    with open_simulation(design, backend) as simulation:
        run = simulation.run({"sink_cmd": command} | done, {"source_result": len(words)}, gaps=gaps, record=True)
    out = run.outputs["source_result"]
    # Above a reduced sum the word's bits are free.
    kept = [(config.rows if operations[n][2] else config.collect * config.rows) * config.acc_bits for *_, n in words]
    data = to_integers(out["data"], config.collect * config.rows * config.acc_bits, False)
    got = [word & ((1 << bits) - 1) for word, bits in zip(data, kept, strict=True)]
    assert got == [data for data, *_ in words]
    assert (out["last"] != 0).tolist() == [last for _, last, _ in words]
    return run, np.bincount([number for *_, number in words])


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("name", CONFIGS)
def test_order(backend, name):
    collect(backend, OPERATIONS, CONFIGS[name])


@pytest.mark.parametrize("name", CONFIGS)
def test_a_word_per_cycle_and_no_bubble(name):
    config = CONFIGS[name]
    run, counts = collect("myhdl", OPERATIONS, config)
    ends = np.cumsum(counts)
    for (_, _, reduce), count, end in zip(OPERATIONS, counts, ends, strict=True):
        cycles = run.transfers["source_result"][end - count : end]
        assert (np.diff(cycles) == (config.lanes // config.collect if reduce else 1)).all()


@pytest.mark.parametrize("name", CONFIGS)
@pytest.mark.parametrize("reduce", [0, 1])
def test_latency_counts_from_the_last_lane(name, reduce):
    config = CONFIGS[name]
    gaps = {f"sink_done_ch{lane:02d}": [7 * lane + 4] for lane in range(config.lanes)}
    run, _ = collect("myhdl", [(2, 0, reduce)], config, gaps)
    latest = run.transfers[f"sink_done_ch{config.lanes - 1:02d}"][0] + 1  # has_result rises a cycle after the word
    more = config.lanes // config.collect - 1 if reduce else 0  # a sum is complete with its last chunk
    assert run.transfers["source_result"][0] == latest + unit.LATENCY + more


@settings(max_examples=15, deadline=None)
@given(
    st.sampled_from(sorted(CONFIGS)),
    st.integers(0, 1 << 32),
    st.lists(st.tuples(st.integers(1, 8), st.integers(0, 1), st.integers(0, 1)), min_size=1, max_size=5),
)
def test_random_back_pressure(name, seed, operations):
    config, rng = CONFIGS[name], np.random.default_rng(seed)
    gaps = {f"sink_done_ch{lane:02d}": rng.integers(0, 30, len(operations)) for lane in range(config.lanes)}
    gaps["sink_cmd"] = rng.integers(0, 20, len(operations))
    gaps["source_result"] = rng.integers(0, 4, len(expected_words(operations, config)))
    collect("myhdl", operations, config, gaps)
