"""Fetch: which beats it asks for, that it never asks for more than it has room for, and how fast it is."""

import dataclasses

import numpy as np
import pytest
from control_benches import fetch_design

from myhdl_acc.rtl.config import AcceleratorConfig
from myhdl_acc.rtl.control.fetch import CHUNK, CHUNKS, beat_counts
from myhdl_acc.simulate import BACKENDS, open_simulation
from myhdl_acc.simulate.backpressure import gap_array

TINY = AcceleratorConfig.preset("tiny")
CONFIGS = {bits: dataclasses.replace(TINY, beat_bits=bits) for bits in (128, 256, 512)}


def beats_of(count, config):
    return -(-count * 256 // config.beat_bits)


def commands_of(address, count, config):
    chunk, _ = beat_counts(config)
    beats = beats_of(count, config)
    return [((address + first) % (1 << 32), min(chunk, beats - first)) for first in range(0, beats, chunk)]


def fetch_programs(simulation, config, programs, seed, kinds=("never", "never", "never")):
    """Fetch ``(address, instructions)`` and compare all; the beats come as soon as they are taken."""
    rng = np.random.default_rng(seed)
    commands = [command for program in programs for command in commands_of(*program, config)]
    total = sum(beats_of(count, config) for _, count in programs)
    beats = rng.integers(0, 256, (total, config.beat_bits // 8), np.uint8)
    words = beats.reshape(-1, 32)  # with those that fill up a program's last beat
    counts = {"source_fetch": len(commands), "source": len(words)}
    gaps = {name: gap_array(kind, counts[name], seed) for name, kind in zip(counts, kinds, strict=False)}
    gaps["sink_fetch"] = gap_array(kinds[2], total, seed)
    gaps["sink_fetch"][0] += 2  # no beat comes before it is asked for
    starts = {"address": [address for address, _ in programs], "instructions": [count for _, count in programs]}
    run = simulation.run({"sink_start": starts, "sink_fetch": {"data": beats}}, counts, gaps, record=True)
    asked = run.outputs["source_fetch"]
    assert list(zip(asked["address"].tolist(), asked["beats"].tolist(), strict=True)) == commands
    assert (run.outputs["source"]["word"] == words).all()
    return run


@pytest.mark.parametrize("bits", CONFIGS)
def test_every_length(bits):
    config = CONFIGS[bits]
    with open_simulation(fetch_design(config), "myhdl") as simulation:
        for count in (1, 2, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK + 5):
            fetch_programs(simulation, config, [(1000 * count, count)], count)
            fetch_programs(simulation, config, [(7, count)], count, ("bursty", "random", "random"))


@pytest.mark.parametrize("backend", BACKENDS[1:])
def test_converted(backend):
    config = CONFIGS[512]
    with open_simulation(fetch_design(config), backend) as simulation:
        fetch_programs(simulation, config, [(5, 9)], 1)
        fetch_programs(simulation, config, [((1 << 32) - 8, 19)], 2, ("random", "random", "bursty"))


@pytest.mark.parametrize("bits", CONFIGS)
def test_no_more_is_asked_for_than_there_is_room(bits):
    config = CONFIGS[bits]
    chunk, depth = beat_counts(config)
    assert depth == CHUNKS * chunk
    length = 5 * CHUNK
    with open_simulation(fetch_design(config), "myhdl") as simulation:
        beats = np.arange(beats_of(length, config))[:, None] + np.zeros(config.beat_bits // 8, np.int64)
        beats = (beats & 255).astype(np.uint8)
        start = {"sink_start": {"address": [0], "instructions": [length]}}
        run = simulation.run(start, {"source_fetch": CHUNKS})
        with pytest.raises(Exception, match="nothing was transferred"):  # a third chunk has no room
            simulation.run(expect={"source_fetch": 1})
    with open_simulation(fetch_design(config), "myhdl") as simulation:
        simulation.run(start, {"source_fetch": CHUNKS})
        run = simulation.run({"sink_fetch": {"data": beats[:depth]}}, record=True)
        assert (run.transfers["sink_fetch"] == np.arange(depth)).all()  # all taken without a pause
        words = -(-chunk * config.beat_bits // 256) + 2
        run = simulation.run(expect={"source_fetch": 1, "source": words})
        assert run.outputs["source_fetch"]["address"].tolist() == [depth]


@pytest.mark.parametrize("bits", CONFIGS)
def test_latency_and_throughput(bits):
    config = CONFIGS[bits]
    with open_simulation(fetch_design(config), "myhdl") as simulation:
        run = fetch_programs(simulation, config, [(0, 2 * CHUNK)], 3)
    assert run.transfers["source_fetch"][0] - run.transfers["sink_start"][0] == 3
    words = np.diff(run.transfers["source"])
    first = run.transfers["source"][0] - run.transfers["sink_fetch"][0]
    assert first == {128: 3, 256: 1, 512: 2}[bits]  # 128: the second beat of the word comes a cycle later
    assert (words == {128: 2, 256: 1, 512: 1}[bits]).all()
