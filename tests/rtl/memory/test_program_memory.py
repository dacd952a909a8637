"""The program's reader beside a lane's: its requests go first, the lane's come through a cycle late."""

import numpy as np
import pytest
from memory_designs import beats_of, program_design, requests_of

from myhdl_acc.rtl.config import AcceleratorConfig
from myhdl_acc.simulate import BACKENDS, open_simulation

CONFIG = AcceleratorConfig.preset("tiny")


@pytest.mark.parametrize("backend", BACKENDS)
def test_both_readers_get_their_beats(backend):
    address = np.frombuffer((16 * np.arange(4, dtype="<u8")).tobytes(), np.uint8).reshape(4, 8)
    lane = {"address": address, "length": [0] * 4}
    data = beats_of(12, 128, 1)
    with open_simulation(program_design(CONFIG), backend) as simulation:
        run = simulation.run(
            {"client_sink_ar": lane, "sink_command": {"address": [64], "beats": [8]}, "base": 0}, {"port_source_ar": 5},
            record=True,
        )  # fmt: skip
        requests = requests_of(run, "port_source_ar")
        assert requests[3] == (64 * 16, 7) and [r[0] for r in requests if r[1] == 0] == [0, 16, 32, 48]
        assert run.transfers["port_source_ar"][0] - run.transfers["client_sink_ar"][0] == 1
        answers = {"data": data, "resp": [0] * 12, "last": [1, 1, 1, *[0] * 7, 1, 1]}
        run = simulation.run({"port_sink_r": answers}, {"source_beat": 8, "client_source_r": 4}, record=True)
    assert (run.outputs["source_beat"]["data"] == data[3:11]).all()
    assert (run.outputs["client_source_r"]["data"] == data[[0, 1, 2, 11]]).all()
    own = run.transfers["port_sink_r"][[0, 1, 2, 11]]
    assert (run.transfers["client_source_r"] == own).all()  # latency 0
