"""The whole accelerator with small memories, in any simulator, behind the driver."""

import numpy as np
from myhdl import Signal

from myhdl_acc.driver import Device
from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.stream import Array, Stream
from myhdl_acc.hdl.wiring import unused, wire
from myhdl_acc.rtl.accelerator import accelerator, accelerator_ports
from myhdl_acc.rtl.control.register_map import OFFSETS
from myhdl_acc.rtl.engine.command import write_stream
from myhdl_acc.rtl.memory.channels import (
    read_channel,
    request_channel,
    response_channel,
    write_channel,
)
from myhdl_acc.simulate import Design, clock, open_simulation, reset
from myhdl_acc.simulate.memory_model import memory_model

_POLL = 1000  # cycles
_DONE = 2  # in ``ctrl``


@entity(outputs=("running",))
def accelerator_bench(clk, rst, control, sink_load, sink_peek, source_peek, running, words, config):
    """An accelerator with a memory_model of ``words`` beats per lane, loaded and read back through the Arrays."""
    lanes = config.lanes
    ar = Array("ch", [request_channel() for _ in range(lanes)])
    r = Array("ch", [read_channel(config.beat_bits) for _ in range(lanes)])
    aw = Array("ch", [request_channel() for _ in range(lanes)])
    w = Array("ch", [write_channel(config.beat_bits) for _ in range(lanes)])
    b = Array("ch", [response_channel() for _ in range(lanes)])
    interrupt_request, shown = Signal(bool(0)), accelerator_ports(config)["shown"]
    unused(interrupt_request, shown.vector_op, *shown.state)
    wire(shown.running, running)
    memories = [
        memory_model(clk, rst, ar[i], r[i], aw[i], w[i], b[i], sink_load[i], sink_peek[i], source_peek[i], words)
        for i in range(lanes)
    ]
    return memories, accelerator(
        control=control,
        source_ar=ar,
        sink_r=r,
        source_aw=aw,
        source_w=w,
        sink_b=b,
        interrupt_request=interrupt_request,
        shown=shown,
        config=config,
    )


class BenchDevice(Device):
    """``config`` with ``words`` beats per lane in one of simulate.BACKENDS. A context manager."""

    def __init__(self, config, words, backend):
        self._config, self._words = config, words
        self._beat_bytes = config.beat_bits // 8
        self._looks = 0
        ports = accelerator_ports(config)
        design = Design(
            accelerator_bench, clk=clock(), rst=reset(), words=words, config=config, running=Signal(bool(0)),
            control=ports["control"],
            **self._bundle("sink_load", lambda: write_stream(config)),
            **self._bundle("sink_peek", lambda: Stream(address=32)),
            **self._bundle("source_peek", lambda: Stream(data=config.beat_bits)),
        )  # fmt: skip
        self._simulation = open_simulation(design, backend)

    def _bundle(self, name, make):
        return {name: Array("ch", [make() for _ in range(self._config.lanes)])}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._simulation.close()

    def allocate(self, size):
        assert size <= self._words * self._beat_bytes
        for lane in range(self._config.lanes):
            self.write_memory(lane, 0, np.full(self._words * self._beat_bytes, 0xA5, np.uint8))

    def address(self, lane):
        return 0

    def write_memory(self, lane, offset, data):
        data = np.frombuffer(data, np.uint8).reshape(-1, self._beat_bytes)
        address = offset // self._beat_bytes + np.arange(len(data))
        self._simulation.run({f"sink_load_ch{lane:02d}": {"address": address, "data": data}})

    def read_memory(self, lane, offset, size):
        address = offset // self._beat_bytes + np.arange(-(-size // self._beat_bytes))
        source = f"source_peek_ch{lane:02d}"
        run = self._simulation.run({f"sink_peek_ch{lane:02d}": {"address": address}}, {source: len(address)})
        return run.outputs[source]["data"].reshape(-1)[:size]

    def write_register(self, offset, value):
        words = {"control_sink_aw": {"address": [offset]}, "control_sink_w": {"data": [value], "strobe": [15]}}
        self._simulation.run(words, {"control_source_b": 1})

    def read_register(self, offset, after=0):
        words, gaps = {"control_sink_ar": {"address": [offset]}}, {"control_sink_ar": [after]}
        run = self._simulation.run(words, {"control_source_r": 1}, gaps)
        return int(run.outputs["control_source_r"]["data"][0])

    def advance(self):
        return bool(self.read_register(OFFSETS["ctrl"], _POLL) & _DONE)

    def now(self):
        """Looks: a run that takes too many fails."""
        self._looks += 1
        return self._looks
