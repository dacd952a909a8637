"""axi_writer: bursts as documented, everything in memory when it is idle."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from memory_designs import beats_of, level, requests_of, write_bench_design, writer_design

from myhdl_acc.rtl.memory.channels import DECERR, OKAY, SLVERR
from myhdl_acc.simulate import BACKENDS, open_simulation
from myhdl_acc.simulate.backpressure import KINDS, gap_array

WORDS = 256


def runs_of(addresses, burst):
    """(address, length) of the bursts of beats that come in consecutive cycles, from the documentation."""
    bursts = []
    for address in addresses:
        if bursts and address == sum(bursts[-1]) + 1 and address % burst:
            bursts[-1] = (bursts[-1][0], bursts[-1][1] + 1)
        else:
            bursts.append((address, 0))
    return bursts


def last_flags(bursts):
    return [int(beat == length) for _, length in bursts for beat in range(length + 1)]


@pytest.mark.parametrize("backend", BACKENDS)
def test_bursts_and_latency(backend):
    addresses = [*range(5, 40), 40, 7, 7, 8, 100, 102, *range(60, 70), 0xFFFFFFFF, 0, 1]
    data = beats_of(len(addresses), 128, 1)
    bursts = runs_of(addresses, 16)
    with open_simulation(writer_design(128, outstanding=63), backend) as simulation:
        run = simulation.run(
            {"sink_beat": {"address": addresses, "data": data}, "base": 7 * 4096 + 5},
            {"port_source_aw": len(bursts), "port_source_w": len(addresses)},
            record=True,
        )
    assert requests_of(run, "port_source_aw") == [(7 * 4096 + 16 * address, length) for address, length in bursts]
    assert (run.outputs["port_source_w"]["data"] == data).all()
    assert run.outputs["port_source_w"]["last"].tolist() == last_flags(bursts)
    assert run.transfers["sink_beat"].tolist() == list(range(len(addresses)))  # a beat per cycle
    # A burst is closed in the cycle after its last beat's, and its request is offered 2 cycles later.
    ends = np.flatnonzero(last_flags(bursts))
    assert run.transfers["port_source_aw"].tolist() == (ends + 3).tolist()
    starts = ends - [length for _, length in bursts]
    assert (run.transfers["port_source_w"][starts] > run.transfers["port_source_aw"]).all()
    assert run.transfers["port_source_w"][0] == run.transfers["port_source_aw"][0] + 1


def test_no_beat_waits_for_another():
    gaps = {"sink_beat": [0, 1, 0, 5]}
    with open_simulation(writer_design(512)) as simulation:
        run = simulation.run(
            {"sink_beat": {"address": [4, 5, 6, 7], "data": beats_of(4, 512, 1)}, "base": 0},
            {"port_source_aw": 3, "port_source_w": 4},
            gaps=gaps,
            record=True,
        )
    assert requests_of(run, "port_source_aw") == [(4 * 64, 0), (5 * 64, 1), (7 * 64, 0)]
    assert run.transfers["sink_beat"].tolist() == [0, 2, 3, 9]
    assert run.transfers["port_source_aw"].tolist() == [3, 6, 12]
    assert run.transfers["port_source_w"].tolist() == [4, 7, 8, 13]


def test_outstanding_and_responses():
    """Three single beats fill a limit of 2: the third goes when a response comes; the first error stays; then idle."""
    with open_simulation(writer_design(128, outstanding=2)) as simulation:
        words = {"address": [0, 2, 4], "data": beats_of(3, 128, 1)}
        simulation.run({"sink_beat": words, "base": 0}, {"port_source_aw": 2, "port_source_w": 2})
        run = simulation.run(
            {"port_sink_b": {"resp": [SLVERR]}}, {"port_source_aw": 1, "port_source_w": 1}, record=True
        )
        assert run.transfers["port_source_aw"].tolist() == [3]
        assert set(level(run, "status_idle")) == {0}
        run = simulation.run({"port_sink_b": {"resp": [DECERR, OKAY]}}, record=True)
        assert set(level(run, "status_error")) == {SLVERR}
        run = simulation.run({"port_sink_b": {"resp": []}, "base": 1})
        run = simulation.run({"sink_beat": {"address": [9], "data": beats_of(1, 128, 2)}}, record=True)
        assert level(run, "status_idle") == [1]


@pytest.fixture(scope="module", params=[0, 6])
def bench(request):
    with open_simulation(write_bench_design(128, WORDS, outstanding=4, share=request.param)) as simulation:
        content = beats_of(WORDS, 128, 1)
        simulation.run({"sink_load": {"address": np.arange(WORDS), "data": content}, "base": 0})
        yield simulation, content


def settle(simulation):
    """Runs until the writer is idle."""
    for _ in range(20):
        run = simulation.run({"sink_peek": {"address": [0]}}, {"source_peek": 1}, gaps={"sink_peek": [40]}, record=True)
        if level(run, "idle")[-1]:
            return
    raise AssertionError("the writer is never idle")


@settings(max_examples=25, deadline=None)
@given(
    pieces=st.lists(st.tuples(st.integers(0, WORDS - 1), st.integers(1, 40)), min_size=1, max_size=8),
    kind=st.sampled_from(list(KINDS)),
    seed=st.integers(0, 1 << 30),
)
def test_all_is_in_memory_when_idle(bench, pieces, kind, seed):
    simulation, content = bench
    addresses = np.concatenate([np.arange(a, min(WORDS, a + n)) for a, n in pieces])
    data = beats_of(len(addresses), 128, seed)
    gaps = {"sink_beat": gap_array(kind, len(addresses), seed)}
    simulation.run({"sink_beat": {"address": addresses, "data": data}}, gaps=gaps)
    settle(simulation)
    for address, beat in zip(addresses, data, strict=True):
        content[address] = beat
    run = simulation.run({"sink_peek": {"address": np.arange(WORDS)}}, {"source_peek": WORDS}, record=True)
    assert (run.outputs["source_peek"]["data"] == content).all()
    assert set(level(run, "error")) == {OKAY}


def test_writing_nowhere_is_an_error():
    with open_simulation(write_bench_design(128, 16), "verilator") as simulation:
        simulation.run({"sink_load": {"address": np.arange(16), "data": beats_of(16, 128, 1)}, "base": 0})
        simulation.run({"sink_beat": {"address": [15, 16], "data": beats_of(2, 128, 2)}})
        settle(simulation)
        run = simulation.run({"sink_peek": {"address": [15, 0]}}, {"source_peek": 2}, record=True)
    assert level(run, "error")[-1] == DECERR
    assert (run.outputs["source_peek"]["data"] == [beats_of(2, 128, 2)[0], beats_of(16, 128, 1)[0]]).all()


def test_a_beat_per_cycle_for_long():
    """2,000 consecutive beats into a memory that takes one per cycle."""
    count = 2000
    with open_simulation(write_bench_design(128, 2048), "verilator") as simulation:
        run = simulation.run(
            {"sink_beat": {"address": np.arange(count), "data": beats_of(count, 128, 2)}, "base": 0}, record=True
        )
    assert run.cycles == count


def test_impossible_bursts():
    for burst in (1, 3, 128):
        with pytest.raises(ValueError, match="not possible"):
            open_simulation(writer_design(512, burst))
