"""Links as chains of stages: the words and the latency of the blocks that the methods create."""

import numpy as np
import pytest
from myhdl import Signal
from stream_designs import make, mixed, words_for

from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.stream import Record, Stream
from myhdl_acc.simulate import open_simulation
from myhdl_acc.simulate.exercise import exercise


@entity
def chain(clk, rst, sink, source):
    """Latency 1 + 0 + 3 + 1 + 0."""
    sink.m2s_pipe().s2m_pipe().fifo(40).fifo(3) >> source


@entity
def two_ways(clk, rst, sink, source, halt):
    """Every word twice: the first at once, the second after a register."""
    first, second = sink.fork(2)
    first.arbitrate(second.half_pipe(), policy="lowest_first").halt_when(halt) >> source


@entity
def widths(clk, rst, sink, source):
    """Two narrow words become one, whose halves are another payload's fields."""
    wide = sink.convert_width(data=16)
    wide.translate_with(Record(word=wide.data)).decode({"low": (0, 8), "high": (8, 8)}) >> source


@pytest.mark.parametrize("backend", ["myhdl", "verilator"])
def test_a_chain_has_the_sum_of_its_latencies(backend):
    design = make(chain, sink=mixed(), source=mixed())
    words = words_for(design, "sink", 60)
    runs = exercise(design, {"sink": words}, {"source": words}, backend)
    assert runs["full_speed"].transfers["source"].tolist() == list(range(5, 65))


@pytest.mark.parametrize("backend", ["myhdl", "verilator"])
def test_a_fork_and_an_arbiter(backend):
    design = make(two_ways, sink=Stream(data=8), source=Stream(data=8), halt=Signal(bool(0)))
    words = np.arange(20)
    with open_simulation(design, backend) as simulation:
        run = simulation.run({"sink": {"data": words}, "halt": 0}, {"source": 40})
    out = run.outputs["source"]["data"]
    assert sorted(out.tolist()) == np.repeat(words, 2).tolist()
    assert all(np.flatnonzero(out == word)[0] <= 2 * word + 1 for word in words)


@pytest.mark.parametrize("backend", ["myhdl", "verilator"])
def test_another_payload_needs_no_hardware(backend):
    design = make(widths, sink=Stream(data=8), source=Stream(low=8, high=8))
    words = np.arange(40)
    expected = {"low": words[::2], "high": words[1::2]}
    exercise(design, {"sink": {"data": words}}, {"source": expected}, backend)
