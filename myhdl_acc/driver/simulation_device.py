"""The accelerator as its RTL, verilated, with a memory model behind every port."""

import ctypes

import numpy as np

from golden.errors import InputError
from myhdl_acc.driver.device import BLANK, START, Device, DeviceError
from myhdl_acc.hdl.stream.stream import STATES as STREAM_STATES
from myhdl_acc.rtl.accelerator import accelerator, accelerator_ports
from myhdl_acc.rtl.control.isa import OPS
from myhdl_acc.rtl.control.register_map import OFFSETS, STATUS
from myhdl_acc.rtl.engine.sequencer import STATES as LANE_STATES
from myhdl_acc.simulate.design import Design, clock, reset, unit_and_lane
from myhdl_acc.simulate.hbm import HbmParameters
from myhdl_acc.simulate.stimulus import RESET_CYCLES, SimulationError
from myhdl_acc.simulate.verilator import BROKEN, DONE, Harness, build_library
from myhdl_acc.trace.events import EventTable

_LANE_STRIDE = 1 << 28
_DONE = 2  # in ``ctrl``
_PIECE = 1 << 16  # cycles between two looks at the ring of results, if nothing is written there
_POINTER, _INTEGER, _WORD, _SIZE = ctypes.c_void_p, ctypes.c_int64, ctypes.c_uint32, ctypes.c_uint64
#: What accelerator.cpp has besides harness.h.
_FUNCTIONS = {
    "memory": (None, [_INTEGER, _POINTER, _SIZE, _SIZE]),
    "reset": (None, [_INTEGER]),
    "write": (_INTEGER, [_WORD, _WORD]),
    "read": (_INTEGER, [_WORD, _POINTER]),
    "open_bursts": (_INTEGER, []),
    "watch": (None, [_SIZE, _SIZE]),
    "record": (None, [_INTEGER]),
}

#: What occurs so often that it is compiled once.
_APART = ("lane", "column")

#: Names of what ``memory`` may be.
MEMORIES = ("ideal", "hbm2")
#: What ``record`` may be: lanes and vector unit, or these and all memory ports.
RECORDS = ("nothing", "units", "all")


class SimulationDevice(Device):
    """``config`` AcceleratorConfig; ``memory``: ``ideal`` (a beat per cycle after a fixed time) or ``hbm2`` (the
    timing of memory.hbm), or HbmParameters; ``record``: which ``events`` are collected: a name of RECORDS;
    ``progress(cycle)`` is called a few times per second while a program runs.

    Every lane has a memory of its own; an access outside it is answered with DECERR. What the ports do is held to the
    rules of AXI: SimulationError says which port broke one.
    Call ``close`` or use it as a context manager; everything else raises DeviceError afterwards.
    """

    def __init__(self, config, memory="ideal", record="nothing", progress=None):
        self.config = config
        self._progress = progress
        self._parameters = _parameters(config, memory)
        self._struct = self._parameters.struct()
        self._design = Design(accelerator, clk=clock(), rst=reset(), **accelerator_ports(config))
        library = build_library(self._design, "accelerator.cpp", ("hbm.h",), _APART)
        self._opened = Harness(library, _FUNCTIONS, ctypes.byref(self._struct))
        self.record(record)
        self._memory = None
        self._watched = 0, 0
        self._started = False
        self.reset()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        """Drop the simulation."""
        if self._opened is not None:
            self._opened.close()
            self._opened = None

    @property
    def _harness(self):
        if self._opened is None:
            raise DeviceError("the simulation was closed")
        return self._opened

    def reset(self):
        """Pulse the reset: all registers are lost, memory is not."""
        self._harness.call("reset", RESET_CYCLES)
        self._started = False
        self.write_register(OFFSETS["gier"], 1)
        self.write_register(OFFSETS["ip_ier"], 1)

    def record(self, what):
        """Collect ``events`` (a name of RECORDS), and only these: those so far are dropped, and cycles start at 0."""
        if what not in RECORDS:
            raise InputError(f"simulation: nothing to record is called {what!r}; there are {', '.join(RECORDS)}")
        self._harness.call("record", RECORDS.index(what))
        self._events = EventTable()

    @property
    def ceiling(self):
        """Beats per cycle that memory gives a lane at most."""
        return self._parameters.ceiling

    @property
    def cycle(self):
        """Clock cycles since the device was opened."""
        return self._harness.call("cycle")

    @property
    def events(self):
        """What lanes, vector unit and memory ports did while programs were running (EventTable; docs/events.md).

        Cycles count while a program runs, from pass to pass.
        """
        self._collect()
        return self._events.merged()

    def allocate(self, size):
        beat_bytes = self.config.beat_bits // 8
        # Real memory holds anything at first; no result may depend on it.
        self._memory = np.full((self.config.lanes, -(-size // beat_bytes) * beat_bytes), BLANK, np.uint8)
        if self._memory.shape[1] > _LANE_STRIDE:
            raise InputError(f"simulation: a lane has {_LANE_STRIDE >> 20} MiB of memory, not {size} bytes")
        for lane, data in enumerate(self._memory):
            self._harness.call("memory", lane, data.ctypes.data, self.address(lane), data.size)

    def address(self, lane):
        return lane * _LANE_STRIDE

    def write_memory(self, lane, offset, data):
        data = np.frombuffer(data, np.uint8)
        self._memory[lane, offset : offset + len(data)] = data

    def read_memory(self, lane, offset, size):
        return self._memory[lane, offset : offset + size].copy()

    def write_register(self, offset, value):
        self._check(self._harness.call("write", offset, value & 0xFFFFFFFF))
        if offset == OFFSETS["ctrl"] and value & START:
            self._started = True

    def read_register(self, offset):
        value = ctypes.c_uint32()
        self._check(self._harness.call("read", offset, ctypes.byref(value)))
        return value.value

    def run(self, cycles):
        """Advance by up to so many cycles, but not beyond the interrupt; returns whether that has come."""
        return self._run(cycles, 0, 0)

    def _run(self, cycles, *watched):
        """Likewise, nor beyond a write to what is ``watched``."""
        self._harness.call("watch", *watched)
        return self._check(self._harness.run(cycles, self._progress)) == DONE

    def watch(self, offset, size):
        self._watched = self.address(0) + offset, size

    def now(self):
        """Seconds of the accelerator's clock."""
        return self.cycle / (1000 * self._parameters.port_khz)

    def advance(self):
        if not self._started:
            raise DeviceError("wait: nothing was started")
        self._run(_PIECE, *self._watched)
        self._take_interrupt()  # which may be of a run before a reset
        if not self.read_register(OFFSETS["ctrl"]) & _DONE:
            return False
        self._take_interrupt()  # in case the run ended between the two
        self._started = False
        self._collect()
        if self.read_register(OFFSETS["status"]) == STATUS["ok"]:
            left = self._harness.call("open_bursts")
            if left:
                raise SimulationError(f"the program ended while {left} bursts were under way")
        return True

    def _take_interrupt(self):
        if self.read_register(OFFSETS["ip_isr"]) & 1:
            self.write_register(OFFSETS["ip_isr"], 1)  # toggles it

    def _check(self, status):
        if status == BROKEN:
            raise SimulationError(self._harness.fault)
        return status

    def _collect(self):
        """File the recorded intervals."""
        intervals = self._harness.take_intervals()
        if intervals.size:
            self._events.extend_table(self._table(*intervals))

    def _table(self, track, start, end, value):
        tracks, states = self._tracks()
        units = list(dict.fromkeys(unit for unit, _, _ in tracks))
        unit = np.array([units.index(unit) for unit, _, _ in tracks], np.int32)
        lane = np.array([lane for _, lane, _ in tracks], np.int32)
        first = np.array([first for _, _, first in tracks], np.int32)
        columns = {
            "cycle_start": start,
            "cycle_end": end,
            "unit": unit[track],
            "lane": lane[track],
            "row": np.full(len(track), -1, np.int32),
            "op": np.zeros(len(track), np.int32),
            "state": first[track] + value.astype(np.int32),
            "unit_names": np.array(units),
            "op_names": np.array([""]),
            "state_names": np.array(states),
        }
        return EventTable.from_columns(columns)

    def _tracks(self):
        """``[(unit, lane, first state)]`` of the harness's tracks in their order, and the names of all states."""
        states = [*LANE_STATES, "idle", *OPS["vector"], *STREAM_STATES]
        firsts = {"shown_state": 0, "shown_vector_op": len(LANE_STATES)}
        units = {"shown_state": "lane", "shown_vector_op": "vector"}
        tracks = []
        for probe in list(self._design.probes)[2:]:
            unit, lane = unit_and_lane(probe)
            tracks.append((units[unit], lane, firsts[unit]))
        for lane in range(self.config.lanes):
            for unit in ("source_ar", "sink_r", "source_aw", "source_w"):
                tracks.append((unit, lane, len(states) - len(STREAM_STATES)))
        return tracks, states


def _parameters(config, memory):
    if isinstance(memory, HbmParameters):
        return memory
    if memory not in MEMORIES:
        raise InputError(f"simulation: no memory {memory!r}; there are {', '.join(MEMORIES)}")
    return HbmParameters(ideal=int(memory == "ideal"), beat_bytes=config.beat_bits // 8)
