"""axi_monitor: broken AXI rules are found, with their names, and nothing else is."""

import numpy as np
import pytest
from memory_designs import beats_of

from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.stream import m2s_pipe
from myhdl_acc.rtl.memory.channels import read_channel, request_channel, response_channel, write_channel
from myhdl_acc.simulate import Design, clock, open_simulation, reset
from myhdl_acc.simulate.axi_monitor import AxiRuleError, axi_monitors_of
from myhdl_acc.simulate.kernel import Kernel


@entity
def read_link(clk, rst, sink_ar, source_ar, sink_r, source_r):
    """Requests one way, beats the other: monitored as a port, since the names say so."""
    return m2s_pipe(clk, rst, sink_ar, source_ar), m2s_pipe(clk, rst, sink_r, source_r)


@entity
def write_link(clk, rst, sink_aw, source_aw, sink_w, source_w, sink_b, source_b):
    return (
        m2s_pipe(clk, rst, sink_aw, source_aw),
        m2s_pipe(clk, rst, sink_w, source_w),
        m2s_pipe(clk, rst, sink_b, source_b),
    )


def reading():
    return Design(
        read_link, clk=clock(), rst=reset(), sink_ar=request_channel(), source_ar=request_channel(),
        sink_r=read_channel(128), source_r=read_channel(128),
    )  # fmt: skip


def writing():
    return Design(
        write_link, clk=clock(), rst=reset(), sink_aw=request_channel(), source_aw=request_channel(),
        sink_w=write_channel(128), source_w=write_channel(128), sink_b=response_channel(),
        source_b=response_channel(),
    )  # fmt: skip


def requests(*bursts):
    address = np.array([address for address, _ in bursts], "<u8").view(np.uint8).reshape(-1, 8)
    return {"address": address, "length": [beats - 1 for _, beats in bursts]}


def beats(*last):
    return {"data": beats_of(len(last), 128, 1), "resp": [0] * len(last), "last": list(last)}


def data(*last):
    words = beats(*last)
    del words["resp"]
    return words


@pytest.mark.parametrize(
    "ar, r, message",
    [
        ([(4096 - 16, 2)], [], "32 bytes at 0xff0 crosses a 4 KB"),
        ([(8, 1)], [], "0x8 is not aligned"),
        ([(0, 3)], [0, 1], "last is 1 on beat 2 of 3"),
        ([(0, 1)], [0], "last is 0 on beat 1 of 1"),
        ([(0, 1)], [1, 1], "a beat that no request asked for"),
    ],
)
def test_reads(ar, r, message):
    with open_simulation(reading()) as simulation, pytest.raises(AxiRuleError, match=message):
        gaps = {"sink_r": [20, *[0] * (len(r) - 1)]} if r else {}
        simulation.run(
            {"sink_ar": requests(*ar), "sink_r": beats(*r)}, {"source_ar": len(ar), "source_r": len(r)}, gaps=gaps
        )


@pytest.mark.parametrize(
    "aw, w, b, message",
    [
        ([(2 * 4096 - 32, 3)], [], 0, "crosses a 4 KB"),
        ([(0, 2)], [1], 0, "last is 1 on beat 1 of 2"),
        ([(0, 2)], [0, 0], 0, "last is 0 on beat 2 of 2"),
        ([(0, 2)], [0], 1, "a response to nothing"),
        ([], [1], 0, "a beat that no request asked for"),
        ([(0, 1)], [1], 2, "a response to nothing"),
    ],
)
def test_writes(aw, w, b, message):
    with open_simulation(writing()) as simulation, pytest.raises(AxiRuleError, match=message):
        gaps = {"sink_w": [20, *[0] * (len(w) - 1)]} if w else {}
        if b:
            gaps["sink_b"] = [60, *[0] * (b - 1)]
        simulation.run(
            {"sink_aw": requests(*aw), "sink_w": data(*w), "sink_b": {"resp": [0] * b}},
            {"source_aw": len(aw), "source_w": len(w), "source_b": b},
            gaps=gaps,
        )


def test_what_is_right_passes():
    with open_simulation(reading()) as simulation:
        ends = [0] * 255 + [1, 1, 0, 1]
        bursts = [(4096, 256), (16, 1), (4096 - 32, 2)]
        gaps = {"sink_r": [20, *[0] * 258]}
        simulation.run(
            {"sink_ar": requests(*bursts), "sink_r": beats(*ends)}, {"source_ar": 3, "source_r": 259}, gaps=gaps
        )
    with open_simulation(writing()) as simulation:
        inputs = {"sink_aw": requests((0, 2), (64, 1)), "sink_w": data(0, 1, 1), "sink_b": {"resp": [0, 2]}}
        gaps = {"sink_w": [20, 0, 0], "sink_b": [60, 0]}
        simulation.run(inputs, {"source_aw": 2, "source_w": 3, "source_b": 2}, gaps=gaps)


def test_ports_are_found_by_their_names():
    with Kernel().active():
        channels = {"clk": clock(), "rst": reset(), "source_ar": request_channel(), "sink_r": read_channel(128)}
        assert len(axi_monitors_of("reader", channels)) == 1
        channels |= {"source_aw": request_channel(), "source_w": write_channel(128), "sink_b": response_channel()}
        assert len(axi_monitors_of("both", channels)) == 2
        assert not axi_monitors_of("half", {"clk": clock(), "rst": reset(), "sink_r": read_channel(128)})
