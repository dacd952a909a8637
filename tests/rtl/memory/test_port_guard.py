"""The guard of a port: wires, but no request begins while ``halt`` is high; it knows what is under way."""

import numpy as np
import pytest
from memory_designs import bit, level
from myhdl import Signal

from myhdl_acc.rtl.memory.channels import read_port
from myhdl_acc.rtl.memory.port_guard import port_guard
from myhdl_acc.simulate import BACKENDS, DeadlockError, Design, clock, open_simulation, reset


def design():
    return Design(
        port_guard, clk=clock(), rst=reset(), halt=Signal(bool(0)), client=read_port(128).flipped(),
        port=read_port(128), reading=bit(),
    )  # fmt: skip


REQUESTS = {"address": np.zeros((3, 8), np.uint8), "length": [1, 0, 2]}
BEATS = {"data": np.zeros((6, 16), np.uint8), "resp": [0] * 6, "last": [0, 1, 1, 0, 0, 1]}
STREAMS = {"port_source_ar": 3, "client_source_r": 6}


@pytest.mark.parametrize("backend", BACKENDS)
def test_wires_that_know_what_is_under_way(backend):
    inputs = {"client_sink_ar": REQUESTS, "port_sink_r": BEATS, "halt": 0}
    with open_simulation(design(), backend) as simulation:
        run = simulation.run(inputs, STREAMS, gaps={"port_sink_r": [9] + [0] * 5}, record=True)
        idle = simulation.run(
            {"client_sink_ar": {name: word[:1] for name, word in REQUESTS.items()}},
            {"port_source_ar": 1},
            gaps={"client_sink_ar": [3]},
            record=True,
        )
    assert run.transfers["client_sink_ar"].tolist() == run.transfers["port_source_ar"].tolist() == [0, 1, 2]
    assert run.transfers["port_sink_r"].tolist() == run.transfers["client_source_r"].tolist() == [*range(9, 15)]
    assert level(run, "reading") == [1] * 15
    assert level(idle, "reading") == [0, 0, 0, 1]


def test_no_request_begins_while_halted():
    with open_simulation(design()) as simulation, pytest.raises(DeadlockError, match="0 of 1"):
        request = {"address": np.zeros((1, 8), np.uint8), "length": [0]}
        simulation.run({"client_sink_ar": request, "halt": 1}, {"port_source_ar": 1}, gaps={"client_sink_ar": [1]})
