"""axi_reader: its requests against the documentation, its beats and errors."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from memory_designs import PAGE, beats_of, bursts_of, level, reader_design, requests_of

from myhdl_acc.rtl.memory.channels import DECERR, OKAY, SLVERR
from myhdl_acc.simulate import BACKENDS, open_simulation
from myhdl_acc.simulate.backpressure import KINDS, gap_array

ROOM = 1 << 12


def command_words(commands):
    return {"address": [address for address, _ in commands], "beats": [beats for _, beats in commands]}


def run_requests(design, commands, burst, base=0, beat_bits=512, backend="myhdl", gaps=None, record=False):
    expected = bursts_of(commands, beat_bits, burst, base)
    with open_simulation(design, backend) as simulation:
        run = simulation.run(
            {"sink_command": command_words(commands), "base": base, "taken": 0},
            {"port_source_ar": len(expected)},
            gaps=gaps,
            record=record,
        )
    assert requests_of(run, "port_source_ar") == expected
    return run


@settings(max_examples=25, deadline=None)
@given(
    commands=st.lists(
        st.tuples(st.one_of(st.integers(0, 300), st.integers(0, (1 << 32) - 500)), st.integers(0, 200)), max_size=6
    ),
    burst=st.sampled_from([2, 16, 64]),
    base=st.integers(0, (1 << 40) - 1).map(lambda page: page * PAGE),
    kind=st.sampled_from(list(KINDS)),
    seed=st.integers(0, 1 << 30),
)
def test_requests(commands, burst, base, kind, seed):
    count = len(bursts_of(commands, 512, burst))
    design = reader_design(512, ROOM, burst, outstanding=2000)
    gaps = {"sink_command": gap_array(kind, len(commands), seed), "port_source_ar": gap_array(kind, count, seed + 1)}
    run_requests(design, commands, burst, base, gaps=gaps)


@pytest.mark.parametrize("backend", BACKENDS)
def test_first_request_after_two_cycles_then_one_per_cycle(backend):
    commands = [(3, 1), (64, 64), (100, 100), (7, 1), (9, 1), (1 << 31, 70)]
    design = reader_design(512, ROOM, 64, outstanding=200)
    run = run_requests(design, commands, 64, 5 * PAGE, backend=backend, record=True)
    count = len(run.transfers["port_source_ar"])
    assert run.transfers["port_source_ar"].tolist() == list(range(2, 2 + count))


@pytest.mark.parametrize("beat_bits, burst", [(128, 64), (256, 64), (512, 64), (512, 16)])
def test_no_burst_crosses_a_page(beat_bits, burst):
    design = reader_design(beat_bits, ROOM, burst, outstanding=200)
    run = run_requests(design, [(17, 3000)], burst, 3 * PAGE, beat_bits)
    for address, length in requests_of(run, "port_source_ar"):
        assert address // PAGE == (address + (length + 1) * beat_bits // 8 - 1) // PAGE


def test_no_more_is_asked_for_than_there_is_room():
    """16 places, no beat taken: 12 beats leave less than a burst of 8; a beat taken 4 times makes room for 8."""
    design = reader_design(512, 16, 8, outstanding=20)
    with open_simulation(design) as simulation:
        run = simulation.run({"sink_command": command_words([(4, 100)]), "base": 0, "taken": 0}, {"port_source_ar": 2})
        assert requests_of(run, "port_source_ar") == [(4 * 64, 3), (8 * 64, 7)]
        # Four beats come and leave.
        inputs = {"port_sink_r": {"data": beats_of(4, 512, 1), "resp": [0] * 4, "last": [0, 0, 0, 1]}, "taken": 1}
        run = simulation.run(inputs, {"source_beat": 4, "port_source_ar": 1}, record=True)
    assert requests_of(run, "port_source_ar") == [(16 * 64, 7)]
    assert run.transfers["port_source_ar"].tolist() == [5]


def test_no_more_bursts_under_way_than_allowed():
    design = reader_design(512, ROOM, 2, outstanding=3)
    with open_simulation(design) as simulation:
        simulation.run({"sink_command": command_words([(0, 20)]), "base": 0, "taken": 0}, {"port_source_ar": 3})
        data = {"data": beats_of(2, 512, 1), "resp": [0, 0], "last": [0, 1]}
        gaps = {"port_sink_r": np.array([50, 0])}
        run = simulation.run(
            {"port_sink_r": data, "taken": 0}, {"port_source_ar": 1, "source_beat": 2}, gaps=gaps, record=True
        )
    assert run.transfers["port_source_ar"].tolist() == [53]  # data in 50 and 51


@pytest.mark.parametrize("backend", ["myhdl", "verilator"])
def test_beats_pass_and_the_first_error_stays(backend):
    design = reader_design(512, ROOM, 16)
    codes = [OKAY, SLVERR, DECERR, OKAY, OKAY, DECERR]
    data = beats_of(6, 512, 3)
    with open_simulation(design, backend) as simulation:
        run = simulation.run(
            {
                "sink_command": command_words([(0, 6)]),
                "port_sink_r": {"data": data, "resp": codes, "last": [0, 0, 0, 0, 0, 1]},
                "base": 0,
                "taken": 0,
            },
            {"port_source_ar": 1, "source_beat": 6},
            gaps={"port_sink_r": [10, 0, 0, 0, 0, 0], "source_beat": [0, 0, 3, 0, 0, 0]},
            record=True,
        )
    assert (run.outputs["source_beat"]["data"] == data).all()
    assert run.transfers["source_beat"].tolist() == run.transfers["port_sink_r"].tolist()
    errors = level(run, "status_error")
    assert errors[:12] == [OKAY] * 12  # in the cycle of the transfer, 11, it is not known yet
    assert set(errors[12:]) == {SLVERR}


def test_idle():
    design = reader_design(512, ROOM, 16)
    with open_simulation(design) as simulation:
        run = simulation.run(
            {
                "sink_command": command_words([(15, 3)]),
                "port_sink_r": {"data": beats_of(3, 512, 3), "resp": [0] * 3, "last": [1, 0, 1]},
                "base": 0,
                "taken": 0,
            },
            {"port_source_ar": 2, "source_beat": 3},
            gaps={"port_sink_r": [10, 0, 0]},
            record=True,
        )
        idle = level(run, "status_idle")
        assert idle[0] == 1 and not any(idle[1:13])
        after = simulation.run({"sink_command": command_words([(0, 0)])}, gaps={"sink_command": [1]}, record=True)
    assert level(after, "status_idle") == [1, 1]


def test_impossible_bursts():
    for beat_bits, depth, burst in ((512, 64, 3), (512, 256, 128), (512, 8, 16)):
        with pytest.raises(ValueError, match="not possible"):
            open_simulation(reader_design(beat_bits, depth, burst))
