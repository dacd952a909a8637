"""The performance counters against numpy's counts."""

import numpy as np
import pytest
from control_benches import counters_bench
from myhdl import Signal, intbv

from myhdl_acc.hdl.stream import Stream
from myhdl_acc.rtl.control import counters as unit
from myhdl_acc.rtl.control.register_map import COUNTER_STRIDE, COUNTERS
from myhdl_acc.rtl.engine.sequencer import STATES
from myhdl_acc.simulate import BACKENDS, Design, clock, open_simulation, reset

WORDS = COUNTER_STRIDE // 4


def design(lanes):
    return Design(
        counters_bench,
        clk=clock(),
        rst=reset(),
        sink=Stream(state=3 * lanes, beat=max(2, lanes), clear=1),
        sink_read=Stream(address=8),
        source=Stream(word=32),
        cycles=Signal(intbv(0)[32:]),
        lanes=lanes,
    )


def as_field(values, bits, lanes):
    """Values (cycles, lanes) of ``bits`` bits as one field."""
    words = [sum(int(value) << bits * lane for lane, value in enumerate(row)) for row in values]
    size = -(-bits * lanes // 8)
    if bits * lanes <= 63:
        return np.array(words)
    return np.array([np.frombuffer(word.to_bytes(size, "little"), np.uint8) for word in words])


@pytest.mark.parametrize(
    ("backend", "lanes"), [(backend, 3) for backend in BACKENDS] + [("myhdl", 1), ("verilator", 32)]
)
def test_counts(backend, lanes):
    rng = np.random.default_rng(lanes)
    address = np.arange(32 * WORDS)
    with open_simulation(design(lanes), backend) as simulation:
        for run in range(3):
            length = int(rng.integers(20, 200))
            # The third run never meets some states: what they counted in the second is gone.
            state = rng.integers(0, len(STATES) - 2 * (run == 2), (length, lanes))
            beat = rng.integers(0, 2, (length, lanes))
            clear = np.zeros(length, np.int64)
            clear[0] = 1
            words = {"state": as_field(state, 3, lanes), "beat": as_field(beat, 1, lanes), "clear": clear}
            simulation.run({"sink": words}, gaps={"sink": rng.integers(0, 3, length)})
            late = np.zeros(len(address), np.int64)
            late[0] = 1  # what lanes do is counted a cycle later
            read = simulation.run(
                {"sink_read": {"address": address}}, {"source": len(address)}, gaps={"sink_read": late}, record=True
            )
            expected = np.zeros((32, WORDS), np.int64)
            expected[:lanes, 0] = beat[1:].sum(0)
            for place in range(len(STATES)):
                expected[:lanes, COUNTERS.index(f"cycles_{STATES[place]}")] = (state[1:] == place).sum(0)
            assert (read.outputs["source"]["word"].reshape(32, WORDS) == expected).all()
            assert (read.transfers["source"] - read.transfers["sink_read"] == unit.LATENCY).all()
            events = [event.state for event in read.events if event.unit == "cycles"]
            assert events == [f"value:{length - 1}"]
