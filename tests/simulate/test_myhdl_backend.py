"""The MyHDL backend: the meaning of cycles, gaps and counts, which all other backends are compared with."""

import numpy as np
import pytest
from myhdl import Signal, intbv
from simulation_designs import chain, counted, forgetful, register_stage

from golden.errors import InputError
from myhdl_acc.hdl.stream.stream import Stream, signed
from myhdl_acc.simulate import DeadlockError, Design, SimulationError, clock, open_simulation, reset


def make(block=register_stage, data=8, **constants):
    ends = {name: Stream(data=data, last=1) for name in ("sink", "source")}
    return Design(block, clk=clock(), rst=reset(), **ends, **constants)


def words(count):
    return {"sink": {"data": np.arange(count), "last": np.arange(count) % 2}}


def test_full_throughput():
    with open_simulation(make(chain, stages=3)) as simulation:
        run = simulation.run(words(50), {"source": 50}, record=True)
    assert run.cycles == 53  # one word per cycle behind a latency of three
    assert run.transfers["sink"].tolist() == list(range(50))
    assert run.transfers["source"].tolist() == list(range(3, 53))
    assert run.outputs["source"]["data"].tolist() == list(range(50))
    assert run.outputs["source"]["last"].tolist() == [i % 2 for i in range(50)]
    assert run.counts["source"] == {"transfer": 50, "starved": 3, "stalled": 0, "idle": 0}
    assert [tuple(e) for e in run.events] == [
        (0, 50, "sink", -1, -1, "", "transfer"),
        (0, 3, "source", -1, -1, "", "starved"),
        (3, 53, "source", -1, -1, "", "transfer"),
        (50, 53, "sink", -1, -1, "", "starved"),
    ]


def test_gaps_delay_offers():
    with open_simulation(make()) as simulation:
        run = simulation.run(words(3), {"source": 3}, gaps={"sink": [2, 0, 4]}, record=True)
    assert run.transfers["sink"].tolist() == [2, 3, 8]
    assert run.transfers["source"].tolist() == [3, 4, 9]


def test_gaps_delay_readiness():
    with open_simulation(make()) as simulation:
        run = simulation.run(words(3), {"source": 3}, gaps={"source": [0, 3, 1]}, record=True)
    # Ready rises for word 1 three cycles after word 0 was taken in cycle 1, for word 2 one cycle after that.
    assert run.transfers["source"].tolist() == [1, 5, 7]
    assert run.counts["source"]["stalled"] == 4


def test_state_persists_between_runs():
    with open_simulation(make(chain, stages=4)) as simulation:
        first = simulation.run(words(4))  # the words are in the pipe now
        second = simulation.run(expect={"source": 4}, record=True)
    assert first.cycles == 4
    assert second.outputs["source"]["data"].tolist() == [0, 1, 2, 3]
    assert second.transfers["source"].tolist() == [0, 1, 2, 3]


def test_two_sessions_do_not_disturb_each_other():
    design = make(chain, stages=2)
    with open_simulation(design) as one, open_simulation(design) as other:
        one.run(words(2))
        other.run({"sink": {"data": [7], "last": [1]}})
        assert one.run(expect={"source": 2}).outputs["source"]["data"].tolist() == [0, 1]
        assert other.run(expect={"source": 1}).outputs["source"]["data"].tolist() == [7]


@pytest.mark.parametrize("width", [63, 64, 65, 200])
def test_wide_signed_fields(width):
    rng = np.random.default_rng(width)
    low, high = -(1 << width - 1), (1 << width - 1) - 1
    values = [low, -1, 0, high, *(int.from_bytes(rng.bytes(25), "little") % (1 << width) + low for _ in range(9))]
    if width == 63:
        data = np.array(values)
    else:
        size = -(-width // 8)
        packed = b"".join((v % (1 << width)).to_bytes(size, "little") for v in values)
        data = np.frombuffer(packed, np.uint8).reshape(-1, size)
    with open_simulation(make(data=signed(width))) as simulation:
        run = simulation.run({"sink": {"data": data, "last": np.zeros(13, bool)}}, {"source": 13})
    np.testing.assert_array_equal(run.outputs["source"]["data"], data)


def test_probes_and_levels():
    design = Design(
        counted, clk=clock(), rst=reset(), sink=Stream(data=8), step=Signal(signed(4)), total=Signal(intbv(0)[8:])
    )
    with open_simulation(design) as simulation:
        run = simulation.run({"sink": {"data": [1, 2, 3]}, "step": 5}, record=True)
        assert [(e.cycle_start, e.cycle_end, e.state) for e in run.events if e.unit == "total"] == [
            (0, 1, "value:0"),
            (1, 2, "value:5"),
            (2, 3, "value:10"),
        ]
        run = simulation.run({"sink": {"data": [1]}, "step": -1}, record=True)
        assert [e.state for e in run.events if e.unit == "total"] == ["value:15"]
        run = simulation.run({"sink": {"data": [1]}}, record=True)
        assert [e.state for e in run.events if e.unit == "total"] == ["value:14"]


def test_deadlock_names_every_stream():
    with (
        open_simulation(make()) as simulation,
        pytest.raises(DeadlockError, match="sink starved after 3 of 3 words; source starved after 3 of 4 words"),
    ):
        simulation.run(words(3), {"source": 4})


def test_withdrawn_word_is_an_error():
    with open_simulation(make(forgetful)) as simulation, pytest.raises(SimulationError, match="valid fell in cycle 2"):
        simulation.run(words(1), {"source": 1}, gaps={"source": [5]})


@pytest.mark.parametrize(
    "arguments, message",
    [
        ({"inputs": {"sank": {}}}, "no input 'sank'"),
        ({"inputs": {"sink": {"data": [1]}}}, "check last"),
        ({"inputs": {"sink": {"data": [1, 2], "last": [0]}}}, "differ in length"),
        ({"inputs": {"sink": {"data": [256], "last": [0]}}}, "0…255"),
        ({"inputs": {"sink": {"data": [0.5], "last": [0]}}}, "array of integers"),
        ({"expect": {"sauce": 1}}, "no output stream 'sauce'"),
        ({"expect": {"source": -1}}, "integer from 0"),
        ({"expect": {"source": 2}, "gaps": {"source": [1]}}, "2 integers"),
        ({"expect": {"source": 1}, "gaps": {"source": [-1]}}, "not be negative"),
        ({"gaps": {"clk": []}}, "no stream 'clk'"),
    ],
)
def test_bad_arguments(arguments, message):
    with open_simulation(make()) as simulation, pytest.raises(InputError, match=message):
        simulation.run(**arguments)


def test_unknown_backend():
    with pytest.raises(InputError, match="no backend 'spice'; there are myhdl"):
        open_simulation(make(), backend="spice")


def test_design_refuses_what_has_no_width():
    with pytest.raises(InputError, match="source_data has no fixed width"):
        Design(register_stage, clk=clock(), rst=reset(), sink=Stream(data=8), source=Stream(data=intbv(0)))


def test_design_refuses_wrong_arguments():
    with pytest.raises(InputError, match="missing a required argument"):
        Design(register_stage, clk=clock())
