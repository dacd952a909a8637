"""A host for controller_bench: register accesses through the AXI streams, whatever the simulator."""

import numpy as np

from golden.units.result_entry import ResultEntry
from myhdl_acc.rtl.control.instruction import INSTRUCTION_BYTES
from myhdl_acc.rtl.control.register_map import STATUS, TAG_BITS, registers
from myhdl_acc.simulate import open_simulation

CTRL_START, CTRL_DONE, CTRL_IDLE, CTRL_READY, CTRL_RESTART = 1, 2, 4, 8, 128
IDLE_LEVELS = {f"{unit}_idle": 1 for unit in ("read", "engine", "load", "vector", "write")}
RESULTS, ENTRIES = 240, 16  #: the ring of results: its first beat, and how many
UNITS = ("read", "engine", "load", "vector")


class Host:
    """A session of a controller_design. ``levels`` are the plain inputs for all later runs."""

    def __init__(self, design, config, backend):
        self.design, self.config = design, config
        self.simulation = open_simulation(design, backend)
        self.offsets = {register.name: register.offset for register in registers(config)}
        self.levels = dict(IDLE_LEVELS)
        self.tag = (1 << TAG_BITS) - 2

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.simulation.close()

    def run(self, inputs=None, expect=None, gaps=None, record=False):
        return self.simulation.run({**self.levels, **(inputs or {})}, expect, gaps, record)

    def write(self, offset, value, strobe=15, expect=None, gaps=None):
        """Write a register (a name or an offset) and await the answer, and ``expect``."""
        offset = self.offsets.get(offset, offset)
        words = {"sink_aw": {"address": [offset]}, "sink_w": {"data": [value], "strobe": [strobe]}}
        run = self.run(words, {"source_b": 1, **(expect or {})}, gaps)
        assert run.outputs["source_b"]["resp"].tolist() == [0]
        return run

    def read(self, offset):
        run = self.run({"sink_ar": {"address": [self.offsets.get(offset, offset)]}}, {"source_r": 1})
        assert run.outputs["source_r"]["resp"].tolist() == [0]
        return int(run.outputs["source_r"]["data"][0])

    def pointers(self):
        """The lanes' pointers at the controller's port."""
        shown = self._probes("base_")
        return [shown["base_high", lane] << 32 | shown["base_low", lane] for lane in range(self.config.lanes)]

    def sampling(self, row):
        """(temperature, seed) of a row at the controller's port."""
        shown = self._probes("seeds_") | self._probes("temperatures")
        temperature, low, high = (
            shown[f"{name}_row{row:02d}", -1] for name in ("temperatures", "seeds_low", "seeds_high")
        )
        return temperature, high << 32 | low

    def _probes(self, prefix):
        run = self.run({"sink_ar": {"address": [0]}}, {"source_r": 1}, record=True)
        return {
            (event.unit, event.lane): int(event.state.removeprefix("value:"))
            for event in run.events
            if event.unit.startswith(prefix)
        }

    def idle_cycles(self, count):
        """Let at least ``count`` cycles pass."""
        for _ in range(-(-count // 5)):
            self.read("gier")

    def store(self, program, address=0):
        """Put a program's bytes into memory, padded with ones to whole beats; the beat address is ``address``."""
        size = self.config.beat_bits // 8
        padded = np.frombuffer(program + b"\xff" * (-len(program) % size), np.uint8).reshape(-1, size)
        if len(padded):
            self.run({"sink_store": {"address": np.arange(len(padded)) + address, "data": padded}})

    def prepare(self, program, address=0, watchdog=0, instructions=None, request=None):
        """Store a program and set the arguments; the next start runs it. ``request``: of REQUEST, by name.

        Without one a token at position 0 is taken, and none is chosen.
        """
        self.store(program, address)
        self.write("program", address)
        self.write("instructions", len(program) // INSTRUCTION_BYTES if instructions is None else instructions)
        self.write("watchdog", watchdog)
        self.tag = (self.tag + 1) % (1 << TAG_BITS)
        default = {"prompt": address, "prompt_tokens": 1, "results": RESULTS, "results_mask": ENTRIES - 1}
        for name, value in {**default, "tag": self.tag, **(request or {})}.items():
            self.write(name, value)

    def entries(self, count):
        """The first ``count`` entries of the ring."""
        run = self.run({"sink_peek": {"address": np.arange(count) % ENTRIES + RESULTS}}, {"source_peek": count})
        words = run.outputs["source_peek"]["data"].reshape(count, -1)
        assert not words[:, 16:].any()
        return [ResultEntry.read(np.frombuffer(beat.tobytes(), "<u4")) for beat in words]

    def start(self, expect=None, gaps=None):
        """Start and await ``expect`` words at the units' queues ({unit: count}); returns them as integers by unit."""
        counts = {f"source_{unit}": count for unit, count in (expect or {}).items()}
        return words_of(self.write("ctrl", CTRL_START, expect=counts, gaps=gaps))

    def await_done(self, polls=400):
        """Poll until ap_done; returns what ``ctrl`` was."""
        for _ in range(polls):
            ctrl = self.read("ctrl")
            if ctrl & CTRL_DONE:
                return ctrl
        raise AssertionError("not done")

    def await_end(self, polls=400):
        """Wait until nothing runs, without a look at ap_done."""
        for _ in range(polls):
            if self.entries(1)[0].tag == self.tag:
                return self.idle_cycles(40)
        raise AssertionError("does not end")

    def status(self):
        """(name of the status, unit field, busy mask)."""
        word = self.read("status")
        assert word >> 21 == 0
        return list(STATUS)[word & 255], word >> 8 & 255, word >> 16

    def reset(self):
        self.levels["closed"] = 1
        self.write("reset", 1)
        for _ in range(100):
            if not self.read("reset"):
                self.levels["closed"] = 0
                return
        raise AssertionError("reset does not end")


def words_of(run):
    """The words at the units' queues as integers, by unit."""
    words = {}
    for unit in UNITS:
        data = run.outputs[f"source_{unit}"]["word"]
        words[unit] = [int.from_bytes(word.tobytes(), "little") for word in data]
    return words
