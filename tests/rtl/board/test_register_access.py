"""Reads and writes of registers: what the bus sees, when, and what comes back."""

import numpy as np
import pytest
from step_by_step import SIMULATORS, Steps

from myhdl_acc.hdl.stream import Stream
from myhdl_acc.rtl.board.records import register_stream
from myhdl_acc.rtl.board.register_access import register_access
from myhdl_acc.rtl.control.records import axi_lite
from myhdl_acc.simulate import Design, clock, reset
from myhdl_acc.simulate.formal import check_rule_four


def design():
    return Design(
        register_access,
        clk=clock(),
        rst=reset(),
        sink=register_stream(),
        bus=axi_lite().flipped(),
        source=Stream(data=32),
    )


def read(steps, address, found):
    return steps.step(
        {"sink": {"write": 0, "address": address, "data": 0}, "bus_sink_r": {"data": found, "resp": 0}},
        {"bus_source_ar": {"address": address}, "source": {"data": found}},
        late=["bus_sink_r"],
    )


def write(steps, address, data):
    return steps.step(
        {"sink": {"write": 1, "address": address, "data": data}, "bus_sink_b": {"resp": 0}},
        {"bus_source_aw": {"address": address}, "bus_source_w": {"data": data, "strobe": 15}, "source": {}},
        late=["bus_sink_b"],
    )


@pytest.mark.parametrize("backend", SIMULATORS)
@pytest.mark.parametrize("pauses", [0, 5])
def test_in_any_order(backend, pauses):
    rng = np.random.default_rng(pauses)
    with Steps(design(), backend, pauses) as steps:
        for _ in range(25):
            access = read if rng.integers(2) else write
            access(steps, int(rng.integers(1 << 10)) * 4 % 4096, int(rng.integers(1 << 32)))


def test_latency():
    """None in either direction: a request is taken in the cycle of its result."""
    with Steps(design()) as steps:
        for _ in range(2):
            cycles = read(steps, 8, 5)
            assert cycles["bus_source_ar"] == 0 and cycles["bus_sink_r"] == cycles["source"] == cycles["sink"] == 2
            cycles = write(steps, 8, 5)
            assert cycles["bus_source_aw"] == cycles["bus_source_w"] == 0
            assert cycles["bus_sink_b"] == cycles["source"] == cycles["sink"] == 2


def test_rule_four():
    check_rule_four(design())
