"""All backends do the same, cycle for cycle, and fail the same way."""

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from myhdl import Signal, intbv
from simulation_designs import chain, counted, crossing, forgetful, uninitialised

from golden.errors import InputError
from myhdl_acc.hdl.stream.stream import Array, Stream, signed
from myhdl_acc.simulate import BACKENDS, DeadlockError, Design, SimulationError, clock, open_simulation, reset
from myhdl_acc.simulate import cache as cache_module


def pipe(block=chain, data=9, **constants):
    ends = {name: Stream(data=data, last=1) for name in ("sink", "source")}
    return Design(block, clk=clock(), rst=reset(), **ends, **constants)


def lanes():
    """Two lanes with fields of all kinds: one bit, up to 63 bits, 64 bits and more, signed and unsigned."""
    make = [lambda: Stream(flag=1, small=signed(5), word=64), lambda: Stream(wide=signed(130), middle=33)]
    sinks, sources = (Array("ch", [build() for build in make]) for _ in range(2))
    return Design(crossing, clk=clock(), rst=reset(), sink=sinks, source=sources)


def same(run, reference):
    assert run.cycles == reference.cycles
    assert run.counts == reference.counts
    assert run.events == reference.events
    for stream, cycles in reference.transfers.items():
        np.testing.assert_array_equal(run.transfers[stream], cycles)
    for stream, fields in reference.outputs.items():
        for field, values in fields.items():
            np.testing.assert_array_equal(run.outputs[stream][field], values)
            assert run.outputs[stream][field].dtype == values.dtype


@pytest.fixture(scope="module", params=[name for name in BACKENDS if name != "myhdl"])
def pair(request):
    """The same design in a backend and in MyHDL, for many runs."""
    with open_simulation(lanes(), request.param) as simulation, open_simulation(lanes(), "myhdl") as reference:
        yield simulation, reference


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 1 << 32), st.tuples(*[st.integers(0, 12)] * 2), st.integers(0, 6), st.booleans())
def test_random_runs_agree_with_myhdl(pair, seed, counts, slowest, gaps):
    rng = np.random.default_rng(seed)
    first, second = counts
    wide = rng.integers(0, 256, (second, 17), dtype=np.uint8)
    wide[:, -1] &= 3  # 130 bits
    arguments = {
        "inputs": {
            "sink_ch00": {
                "flag": rng.integers(0, 2, first),
                "small": rng.integers(-16, 16, first),
                "word": rng.integers(0, 256, (first, 8), dtype=np.uint8),
            },
            "sink_ch01": {"wide": wide, "middle": rng.integers(0, 1 << 33, second)},
        },
        "expect": {"source_ch00": first, "source_ch01": second},
        "record": True,
    }
    if gaps:
        words = {"sink_ch00": first, "sink_ch01": second, "source_ch00": first, "source_ch01": second}
        arguments["gaps"] = {name: rng.integers(0, slowest + 1, count) for name, count in words.items()}
    runs = [simulation.run(**arguments) for simulation in pair]
    same(*runs)
    np.testing.assert_array_equal(runs[0].outputs["source_ch01"]["wide"], wide)


@pytest.mark.parametrize("backend", BACKENDS)
def test_levels_probes_and_persistence(backend):
    design = Design(
        counted, clk=clock(), rst=reset(), sink=Stream(data=8), step=Signal(signed(4)), total=Signal(intbv(0)[8:])
    )
    runs = []
    for name in (backend, "myhdl"):
        with open_simulation(design, name) as simulation:
            first = simulation.run({"sink": {"data": [1, 2, 3]}, "step": 5}, gaps={"sink": [0, 2, 1]}, record=True)
            runs.append((first, simulation.run({"sink": {"data": [1]}, "step": -1}, record=True)))
    for run, reference in zip(*runs, strict=True):
        same(run, reference)
    assert [e.state for e in runs[0][1].events if e.unit == "total"] == ["value:15"]


@pytest.mark.parametrize("backend", BACKENDS)
def test_failures(backend):
    words = {"sink": {"data": [1], "last": [0]}}
    with (
        open_simulation(pipe(stages=1), backend) as simulation,
        pytest.raises(DeadlockError, match="sink starved after 1 of 1 words; source starved after 1 of 2 words"),
    ):
        simulation.run(words, {"source": 2})
    with (
        open_simulation(pipe(forgetful), backend) as simulation,
        pytest.raises(SimulationError, match="source: valid fell in cycle 2"),
    ):
        simulation.run(words, {"source": 1}, gaps={"source": [5]})


@pytest.mark.parametrize("backend", ["icarus", "ghdl"])
def test_unknown_payload_is_an_error(backend):
    with (
        open_simulation(pipe(uninitialised), backend) as simulation,
        pytest.raises(SimulationError, match="the payload of source is unknown in cycle 1"),
    ):
        simulation.run({"sink": {"data": [1], "last": [0]}}, {"source": 1})


@pytest.mark.parametrize("backend", [name for name in BACKENDS if name != "myhdl"])
def test_missing_tool(backend, monkeypatch):
    monkeypatch.setenv("PATH", "")
    with pytest.raises(InputError, match="is not installed; on Debian: apt-get install"):
        open_simulation(pipe(stages=1), backend)


def test_icarus_refuses_ports_that_are_too_wide():
    with pytest.raises(InputError, match="too wide for MyHDL's co-simulation"):
        open_simulation(pipe(data=20_000, stages=1), "icarus")


def test_unwritable_cache(monkeypatch, tmp_path):
    """The build is made all the same, for this process."""
    (tmp_path / "myhdl_acc").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    with open_simulation(pipe(stages=1), "ghdl"):
        pass


def test_builds_may_race(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    made = []

    def make(directory):
        made.append(directory)
        time.sleep(0.2)
        (directory / "result").write_text((directory / "source").read_text().upper())

    with ThreadPoolExecutor(4) as pool:
        builds = list(pool.map(lambda _: cache_module.build("ghdl", {"source": "text"}, make), range(4)))
    assert len(made) > 1 and len(set(builds)) == 1
    assert (builds[0] / "result").read_text() == "TEXT"
    assert list((tmp_path / "myhdl_acc").iterdir()) == [builds[0]]


def test_a_failed_build_leaves_nothing(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    with pytest.raises(SimulationError, match=r"ghdl failed: bad\.vhd:1:1"):
        cache_module.build(
            "ghdl", {"bad.vhd": "nonsense"}, lambda path: cache_module.run_tool(["ghdl", "-a", "bad.vhd"], path)
        )
    assert list((tmp_path / "myhdl_acc").iterdir()) == []


@pytest.mark.parametrize("backend", ["verilator", "ghdl"])
def test_ctrl_c_interrupts_a_long_run(backend):
    """A run that would take minutes ends within two seconds of the signal, with KeyboardInterrupt."""
    program = (
        "import signal, sys; sys.path[:0] = sys.argv[1:]\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"  # a shell's background jobs ignore it
        "import numpy as np\n"
        "from test_backends import pipe, open_simulation\n"
        f"with open_simulation(pipe(stages=1), {backend!r}) as simulation:\n"
        "    print('open', flush=True)\n"
        "    try:\n"
        "        while True:\n"
        "            simulation.run({'sink': {'data': np.zeros(10**6, int), 'last': np.zeros(10**6, int)}}, "
        "{'source': 10**6}, gaps={'sink': np.full(10**6, 999)})\n"
        "    except KeyboardInterrupt:\n"
        "        print('interrupted', flush=True)\n"
    )
    with open_simulation(pipe(stages=1), backend):
        pass  # built now
    with subprocess.Popen(
        [sys.executable, "-c", program, *sys.path, os.path.dirname(__file__)], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout.readline() == "open\n"
        time.sleep(1)
        process.send_signal(signal.SIGINT)
        start = time.perf_counter()
        assert process.stdout.readline() == "interrupted\n"
        assert time.perf_counter() - start < 2
        assert process.wait(5) == 0
