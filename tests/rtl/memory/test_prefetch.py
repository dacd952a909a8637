"""prefetch: every beat of every command in order, whatever stalls; a beat per cycle when nothing does."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from memory_designs import beats_of, level, read_bench_design

from myhdl_acc.rtl.memory.channels import DECERR, OKAY
from myhdl_acc.rtl.memory.prefetch import burst_beats
from myhdl_acc.simulate import BACKENDS, open_simulation
from myhdl_acc.simulate.backpressure import KINDS, gap_array

WORDS = 256


def load(simulation, content):
    """Fills the memory; the other streams rest."""
    simulation.run({"sink_load": {"address": np.arange(len(content)), "data": content}, "base": 0})


def read(simulation, commands, gaps=None, base=0):
    total = sum(beats for _, beats in commands)
    words = {"address": [a for a, _ in commands], "beats": [b for _, b in commands]}
    return simulation.run({"sink_command": words, "base": base}, {"source_beat": total}, gaps=gaps, record=True)


def places(commands):
    return np.concatenate([np.arange(address, address + beats) for address, beats in commands] or [[]]).astype(int)


@pytest.fixture(scope="module")
def stalling():
    """A memory whose channels stall in 5 of 16 cycles; the session serves all examples."""
    content = beats_of(WORDS, 128, 1)
    with open_simulation(read_bench_design(128, 32, WORDS, share=5)) as simulation:
        load(simulation, content)
        yield simulation, content


@settings(max_examples=25, deadline=None)
@given(data=st.data(), kinds=st.tuples(*[st.sampled_from(list(KINDS))] * 2), seed=st.integers(0, 1 << 30))
def test_any_commands(stalling, data, kinds, seed):
    simulation, content = stalling
    command = st.integers(0, WORDS - 1).flatmap(lambda a: st.tuples(st.just(a), st.integers(0, min(90, WORDS - a))))
    commands = data.draw(st.lists(command, min_size=1, max_size=6))
    total = sum(beats for _, beats in commands)
    gaps = {"sink_command": gap_array(kinds[0], len(commands), seed), "source_beat": gap_array(kinds[1], total, seed)}
    run = read(simulation, commands, gaps)
    assert (run.outputs["source_beat"]["data"] == content[places(commands)]).all()


@pytest.mark.parametrize("depth, wait, latency", [(32, 1, 13), (64, 3, 28)])  # the slowest memory with which it is so
@pytest.mark.parametrize("backend", BACKENDS)
def test_latency_and_a_beat_per_cycle(backend, depth, wait, latency):
    """3 cycles to the request, the memory's latency, the queue; then no pause, across commands and bursts."""
    if backend != "verilator" and depth == 64:
        pytest.skip("the deep queue is simulated once, and by the stream tests")
    content = beats_of(WORDS, 128, 2)
    commands = [(5, 60), (200, 1), (201, 30), (0, 100)]
    with open_simulation(read_bench_design(128, depth, WORDS, latency=latency), backend) as simulation:
        load(simulation, content)
        run = read(simulation, commands)
    assert (run.outputs["source_beat"]["data"] == content[places(commands)]).all()
    first = 3 + latency + wait
    assert run.transfers["source_beat"].tolist() == list(range(first, first + 191))
    assert level(run, "idle")[-1] == 1


def test_runs_ahead_until_the_queue_is_full_and_never_stalls_r():
    """While nothing is taken, ``depth`` beats come, and they come at full speed afterwards."""
    content = beats_of(WORDS, 128, 3)
    with open_simulation(read_bench_design(128, 32, WORDS, latency=8)) as simulation:
        load(simulation, content)
        run = read(simulation, [(0, 200)], {"source_beat": np.array([150] + [0] * 199)})
    taken = run.transfers["source_beat"]
    assert taken[:32].tolist() == list(range(150, 182))
    assert (run.outputs["source_beat"]["data"] == content[:200]).all()


def test_an_error_does_not_hang():
    content = beats_of(16, 128, 4)
    with open_simulation(read_bench_design(128, 16, 16)) as simulation:
        load(simulation, content)
        run = read(simulation, [(0, 16)])
        assert set(level(run, "error")) == {OKAY}
        run = read(simulation, [(10, 40), (2, 3)])
    expected = np.concatenate([content[10:], np.zeros((34, 16), np.uint8), content[2:5]])
    assert (run.outputs["source_beat"]["data"] == expected).all()
    assert level(run, "error")[-1] == DECERR


def test_base_moves_everything():
    content = beats_of(1024, 128, 5)
    with open_simulation(read_bench_design(128, 32, 1024), "verilator") as simulation:
        load(simulation, content)
        run = read(simulation, [(3, 70)], base=2 * 4096 + 17)  # the lower bits are not looked at
    assert (run.outputs["source_beat"]["data"] == content[512 + 3 : 512 + 73]).all()


def test_bursts_let_two_be_under_way():
    assert [burst_beats(depth) for depth in (4, 16, 31, 32, 64, 512, 4096)] == [2, 8, 8, 16, 32, 64, 64]
