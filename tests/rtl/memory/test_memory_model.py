"""memory_model: reads back what was written, with the latency it says, in all simulators."""

import numpy as np
import pytest
from memory_designs import beats_of, write_beat_stream

from myhdl_acc.hdl.stream import Stream
from myhdl_acc.rtl.memory.channels import (
    DECERR,
    OKAY,
    read_channel,
    request_channel,
    response_channel,
    write_channel,
)
from myhdl_acc.simulate import BACKENDS, Design, clock, open_simulation, reset
from myhdl_acc.simulate.backpressure import KINDS, gap_array
from myhdl_acc.simulate.memory_model import memory_model

WORDS, LATENCY = 32, 9


def design(words=WORDS, latency=LATENCY):
    return Design(
        memory_model, clk=clock(), rst=reset(), sink_ar=request_channel(), source_r=read_channel(128),
        sink_aw=request_channel(), sink_w=write_channel(128), source_b=response_channel(),
        sink_load=write_beat_stream(128), sink_peek=Stream(address=32), source_peek=Stream(data=128),
        words=words, latency=latency,
    )  # fmt: skip


def requests(bursts):
    address = np.array([16 * address for address, _ in bursts], "<u8").view(np.uint8).reshape(-1, 8)
    return {"address": address, "length": [beats - 1 for _, beats in bursts]}


def last_of(bursts):
    return [int(beat + 1 == beats) for _, beats in bursts for beat in range(beats)]


def peek(simulation, words=WORDS):
    run = simulation.run({"sink_peek": {"address": np.arange(words)}}, {"source_peek": words}, record=True)
    assert run.transfers["source_peek"].tolist() == list(range(1, words + 1))
    return run.outputs["source_peek"]["data"]


@pytest.mark.parametrize("backend", BACKENDS)
def test_full_speed(backend):
    content = beats_of(WORDS, 128, 1)
    reads, writes = [(3, 5), (30, 2), (0, 1), (9, 7)], [(4, 3), (31, 1), (8, 8)]
    data = beats_of(12, 128, 2)
    with open_simulation(design(), backend) as simulation:
        simulation.run({"sink_load": {"address": np.arange(WORDS), "data": content}})
        run = simulation.run({"sink_ar": requests(reads)}, {"source_r": 15}, record=True)
        words = run.outputs["source_r"]
        assert (words["data"] == np.concatenate([content[a : a + n] for a, n in reads])).all()
        assert words["last"].tolist() == last_of(reads) and set(words["resp"].tolist()) == {OKAY}
        assert run.transfers["source_r"].tolist() == list(range(LATENCY, LATENCY + 15))
        inputs = {"sink_aw": requests(writes), "sink_w": {"data": data, "last": last_of(writes)}}
        run = simulation.run(inputs, {"source_b": 3}, record=True)
        assert run.outputs["source_b"]["resp"].tolist() == [OKAY] * 3
        ends = run.transfers["sink_w"][np.flatnonzero(last_of(writes))]
        assert (run.transfers["source_b"] == ends + LATENCY).all()
        assert np.ptp(run.transfers["sink_w"]) == 11  # a beat per cycle
        content[4:7], content[31], content[8:16] = data[:3], data[3], data[4:]
        assert (peek(simulation) == content).all()


@pytest.mark.parametrize("kind", list(KINDS))
def test_back_pressure_and_reads_beyond_the_end(kind):
    content, data = beats_of(WORDS, 128, 1), beats_of(8, 128, 2)
    reads = [(28, 8), (1, 1), (1 << 40, 2), (0, 16)]
    writes = [(30, 4), (0, 4)]
    with open_simulation(design()) as simulation:
        simulation.run({"sink_load": {"address": np.arange(WORDS), "data": content}})
        gaps = {"sink_ar": gap_array(kind, 4, 1), "source_r": gap_array(kind, 27, 2)}
        words = simulation.run({"sink_ar": requests(reads)}, {"source_r": 27}, gaps=gaps).outputs["source_r"]
        zeros = np.zeros((4, 16), np.uint8)
        expected = [content[28:], zeros, content[1:2], zeros[:2], content[:16]]
        assert (words["data"] == np.concatenate(expected)).all()
        assert words["resp"].tolist() == [OKAY] * 4 + [DECERR] * 4 + [OKAY] + [DECERR] * 2 + [OKAY] * 16
        assert words["last"].tolist() == last_of(reads)
        gaps = {"sink_aw": gap_array(kind, 2, 1), "sink_w": gap_array(kind, 8, 2), "source_b": gap_array(kind, 2, 3)}
        inputs = {"sink_aw": requests(writes), "sink_w": {"data": data, "last": last_of(writes)}}
        run = simulation.run(inputs, {"source_b": 2}, gaps=gaps)
        assert run.outputs["source_b"]["resp"].tolist() == [DECERR, OKAY]
        content[30:], content[:4] = data[:2], data[4:]
        assert (peek(simulation) == content).all()


@pytest.mark.parametrize("words, latency", [(24, 9), (1, 9), (32, 4)])
def test_impossible_memories(words, latency):
    with pytest.raises(ValueError, match="a power of two"):
        open_simulation(design(words, latency))
