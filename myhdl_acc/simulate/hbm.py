"""One HBM2 pseudo-channel of the U280: its parameters, and the model of ``templates/hbm.h`` for Python.

Times are in clocks of the memory, 900 MHz on this card: 64 bits at 1,800 MT/s are 14.4 GB/s.
"""

import ctypes
import dataclasses
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from golden.errors import InputError
from myhdl_acc.simulate.cache import build, require, run_tool
from myhdl_acc.simulate.stimulus import SimulationError

_TEMPLATES = Path(__file__).with_name("templates")


@dataclass(frozen=True)
class HbmParameters:
    """What the timing model needs to know. Sources: docs/memory.md."""

    ideal: int = 0  #: 1: every burst after ``ideal_latency`` port cycles, a beat per cycle, nothing else
    ideal_latency: int = 24
    beat_bytes: int = 64  #: of the AXI port
    port_khz: int = 225_000
    memory_khz: int = 900_000
    burst_clocks: int = 2  #: BL4
    cl: int = 14
    cwl: int = 4
    rcd: int = 14
    rp: int = 14
    ras: int = 34
    rc: int = 48
    rtp: int = 5
    wr: int = 16
    ccd_s: int = 2
    ccd_l: int = 4
    rrd_s: int = 4
    rrd_l: int = 6
    faw: int = 16
    wtr_s: int = 6
    wtr_l: int = 8
    turn: int = 2  #: clocks between the data of a read and of a write
    refi: int = 3510  #: 3.9 µs
    rfc: int = 234  #: 260 ns
    group_bit: int = 5  #: the address bit, of 10…5, that is bit 0 of the bank group; the column has the others
    request_latency: int = 40  #: from the port to the controller's queue
    response_latency: int = 40  #: from the memory's pins to the port
    lookahead: int = 32  #: column accesses of 32 bytes among which the controller may choose
    read_bursts: int = 64  #: read bursts that the port takes before the first is answered
    read_buffer: int = 256  #: columns that are read ahead of what the port has taken
    write_bursts: int = 32
    write_buffer: int = 64  #: columns
    write_high: int = 32  #: columns waiting at which writes go before reads
    write_low: int = 8  #: columns waiting at which reads go on

    def __post_init__(self):
        for field in dataclasses.fields(self):
            value = getattr(self, field.name)
            if isinstance(value, bool) or not isinstance(value, int) or value < 0:
                raise InputError(f"hbm: {field.name} must be an integer from 0 on, not {value!r}")
        if self.beat_bytes & (self.beat_bytes - 1) or not 1 <= self.beat_bytes <= 128:
            raise InputError(f"hbm: beat_bytes is {self.beat_bytes}, it must be a power of two from 1 to 128")
        for name in ("port_khz", "memory_khz", "lookahead", "read_bursts", "write_bursts", "write_high", "refi"):
            if not getattr(self, name):
                raise InputError(f"hbm: {name} must not be 0")
        if not 5 <= self.group_bit <= 10:
            raise InputError(f"hbm: group_bit is {self.group_bit}, it must be one of the address bits from 5 to 10")

    @classmethod
    def dramsim3(cls):
        """As the simulator DRAMsim3 has it (HBM2_8Gb_x128.ini), in clocks of this card's memory: what we compare with.

        What is not named has the same value there. It takes a burst for its tCCD (1, 2), as that is longer, and chooses
        among 32 requests of 64 bytes. A row's columns are neighbours there (RoRaBgBaChCo): 64 bytes open one row.
        """
        return cls(ccd_l=2, faw=30, refi=3900, rfc=260, group_bit=10, lookahead=64)

    def struct(self):
        """As the C++ takes them: hbm::Parameters."""
        return (ctypes.c_int64 * len(dataclasses.fields(self)))(*dataclasses.astuple(self))

    @property
    def peak(self):
        """Bytes per second on the memory's pins."""
        return 32 * self.memory_khz * 1000 // self.burst_clocks

    @property
    def ceiling(self):
        """Beats per cycle that the port gives at most: the pins' peak but for refreshes, and one beat in any case."""
        if self.ideal:
            return 1.0
        return min(1.0, self.peak * (1 - self.rfc / self.refi) / (self.beat_bytes * self.port_khz * 1000))


_BURST = np.dtype([("address", np.uint64), ("beats", np.int64), ("write", np.int64), ("start", np.int64)])
_TIMES = np.dtype([("taken", np.int64), ("first", np.int64), ("last", np.int64)])
_COMMAND = np.dtype([("time", np.int64), ("kind", np.int64), ("bank", np.int64), ("row", np.int64)])

#: Commands to the memory by their code in a trace.
ACTIVATE, PRECHARGE, READ, WRITE, REFRESH = range(5)


@cache
def _library():
    require("g++")
    files = {name: (_TEMPLATES / name).read_text() for name in ("hbm.h", "hbm_driver.cpp")}
    flags = ["-O2", "-std=gnu++17", "-shared", "-fPIC", "-fvisibility=hidden"]
    command = ["g++", *flags, "-o", "hbm.so", "hbm_driver.cpp"]
    directory = build("g++", {**files, "command": " ".join(command)}, lambda path: run_tool(command, path))
    library = ctypes.CDLL(str(directory / "hbm.so"))
    library.hbm_parameter_names.restype = ctypes.c_char_p
    library.hbm_open.restype = ctypes.c_void_p
    library.hbm_open.argtypes = [ctypes.c_void_p, ctypes.c_int64]
    library.hbm_close.argtypes = [ctypes.c_void_p]
    library.hbm_commands.restype = ctypes.c_int64
    library.hbm_commands.argtypes = [ctypes.c_void_p, ctypes.c_void_p]
    library.hbm_run.restype = ctypes.c_int64
    library.hbm_run.argtypes = [ctypes.c_void_p, ctypes.c_int64, *[ctypes.c_void_p] * 2, *[ctypes.c_int64] * 3]
    names = library.hbm_parameter_names().decode().split()
    if names != [field.name for field in dataclasses.fields(HbmParameters)]:
        raise SimulationError("hbm: the parameters of hbm.h and HbmParameters are not the same")
    return library


class HbmChannel:
    """A channel whose state persists from run to run; a context manager."""

    def __init__(self, parameters=None, trace=False):
        self.parameters = parameters or HbmParameters()
        self._struct = self.parameters.struct()
        self._library = _library()
        self._handle = self._library.hbm_open(ctypes.byref(self._struct), int(trace))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self._library.hbm_close(self._handle)

    def run(self, address, beats, write=0, start=0, outstanding=1 << 30, r_period=1, limit=10_000_000):
        """Bursts (arrays or one value for all) through the port, each offered as early as possible from ``start``.

        Returns (cycles, times): the cycles of the run, and per burst those in which its request was ``taken`` and its
        ``first`` and ``last`` beat passed; ``last`` of a write is its answer. Reads and writes keep their order among
        themselves, ``outstanding`` of each may be under way, R is ready in every ``r_period``-th cycle. Raises
        SimulationError after ``limit`` cycles.
        """
        columns = np.broadcast_arrays(np.atleast_1d(np.asarray(address, np.uint64)), beats, write, start)
        bursts = np.empty(len(columns[0]), _BURST)
        for name, column in zip(_BURST.names, columns, strict=True):
            bursts[name] = column
        times = np.zeros(len(bursts), _TIMES)
        cycles = self._library.hbm_run(
            self._handle, len(bursts), bursts.ctypes.data, times.ctypes.data, outstanding, r_period, limit
        )
        if cycles < 0:
            raise SimulationError(f"hbm: not done after {limit} cycles")
        return cycles, times

    def commands(self):
        """All commands to the memory so far (time in memory clocks, kind, bank, row); needs ``trace``."""
        pointer = ctypes.c_void_p()
        count = self._library.hbm_commands(self._handle, ctypes.byref(pointer))
        if not count:
            return np.empty(0, _COMMAND)
        raw = ctypes.string_at(pointer, count * _COMMAND.itemsize)
        return np.sort(np.frombuffer(raw, _COMMAND), order="time", kind="stable")

    def throughput(self, address, beats, write=0, **options):
        """Bytes per second at the port over a run of bursts, from the first request to the last beat."""
        cycles, _ = self.run(address, beats, write, **options)
        count = len(np.atleast_1d(address))
        size = int(np.broadcast_to(beats, count).sum()) * self.parameters.beat_bytes
        return size * self.parameters.port_khz * 1000 / cycles
