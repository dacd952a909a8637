"""A board simulated as it is built: the Verilog that goes to Yosys up to the pads, or the cells that Yosys makes of it,
and a model of its SDRAM."""

import ctypes
from pathlib import Path

import numpy as np

from myhdl_acc.bitstream.synthesis import netlist
from myhdl_acc.bitstream.system import SYSTEM, system_files
from myhdl_acc.driver.serial_device import SerialDevice
from myhdl_acc.rtl.board.protocol import RATE, SET_RATE, request
from myhdl_acc.rtl.board.uart import STEP_BITS
from myhdl_acc.simulate.stimulus import SimulationError
from myhdl_acc.simulate.verilator import build_verilog, compile_library

_HARNESS = Path(__file__).with_name("simulation.cpp")
_LATE = 100_000  #: cycles that an answer may take besides its bytes
_BITS = 10  # of a byte on the line
_PIECE = 1 << 16  # cycles between two looks at Ctrl-C
_HANDLE, _INTEGER, _FLOAT, _BYTES = ctypes.c_void_p, ctypes.c_int64, ctypes.c_double, ctypes.c_void_p
_FUNCTIONS = {
    "open": (_HANDLE, [_FLOAT, _FLOAT]),
    "close": (None, [_HANDLE]),
    "fault": (ctypes.c_char_p, [_HANDLE]),
    "cycle": (_INTEGER, [_HANDLE]),
    "running": (_INTEGER, [_HANDLE]),
    "rate": (None, [_HANDLE, _FLOAT]),
    "send": (None, [_HANDLE, _BYTES, _INTEGER]),
    "receive": (_INTEGER, [_HANDLE, _BYTES, _INTEGER, _INTEGER]),
    "fill": (None, [_HANDLE, _INTEGER, _BYTES, _INTEGER]),
    "stored": (None, [_HANDLE, _INTEGER, _BYTES, _INTEGER]),
    "forget": (None, [_HANDLE]),
}


class SimulatedDevice(SerialDevice):
    """A SimulatedBoard as a Device, whose time is the board's.

    ``direct``: what the host writes and reads goes into and out of the chip without the link, which takes most of a
    simulation otherwise.
    """

    def __init__(self, config, board, direct=False):
        self._board, self.direct = board, direct
        super().__init__(config, board, "simulation")

    def now(self):
        return self._board.cycle / self.identity["hz"]

    def write_memory(self, lane, offset, data):
        if self.direct:
            self._board.fill(self.address(lane) + offset, data)
        else:
            super().write_memory(lane, offset, data)

    def read_memory(self, lane, offset, size):
        if self.direct:
            return self._board.stored(self.address(lane) + offset, size)
        return super().read_memory(lane, offset, size)


class SimulatedBoard:
    """A Board with a configuration, its clock of ``hz``, behind its serial line: what SerialDevice takes for a port.

    A line that waits for bytes lets the board run. SimulationError says which of the SDRAM's times a command broke.
    ``cycle``: since the power came; ``running``: those in which a program ran. Use it as a context manager.
    ``cells``: of the part are simulated, not the Verilog that they are made of.
    """

    def __init__(self, target, config, hz, cells=False):
        files = {name: text for name, text in system_files(target, config, hz).items() if name.endswith(".v")}
        if cells:
            files = netlist(SYSTEM, files)
        library = ctypes.CDLL(str(compile_library(build_verilog(SYSTEM, files), {"harness.cpp": _HARNESS.read_text()})))
        for name, (result, types) in _FUNCTIONS.items():
            function = getattr(library, f"board_{name}")
            function.restype, function.argtypes = result, types
        self._library = library
        self._bit, self._sent = hz / RATE, 0
        self._handle = library.board_open(hz, self._bit)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._library.board_close(self._handle)

    @property
    def cycle(self):
        return self._library.board_cycle(self._handle)

    @property
    def running(self):
        return self._library.board_running(self._handle)

    def hurry(self, cycles=4):
        """Let a bit of the line take so few cycles from now on: a simulation waits for bytes most of its time. A byte
        must take longer than a word's way into memory."""
        self.write(request(SET_RATE, value=(1 << STEP_BITS) // cycles))
        self.read(8)
        self._bit = cycles
        self._library.board_rate(self._handle, cycles)

    def fill(self, address, data):
        """Put bytes, an even number, into the SDRAM without the link."""
        data = np.frombuffer(data, np.uint8)
        self._library.board_fill(self._handle, address, data.ctypes.data, len(data))

    def stored(self, address, size):
        """Bytes, an even number, out of the SDRAM without the link."""
        data = np.empty(size, np.uint8)
        self._library.board_stored(self._handle, address, data.ctypes.data, size)
        return data

    def write(self, data):
        data = np.frombuffer(data, np.uint8)
        self._sent = len(data)
        self._library.board_send(self._handle, data.ctypes.data, len(data))

    def read(self, size):
        found = np.empty(size, np.uint8)
        limit, count = self.cycle + _LATE + int(2 * _BITS * self._bit * (size + self._sent)), 0
        while count < size and self.cycle < limit:
            count += self._receive(found[count:], _PIECE)
        return found[:count].tobytes()

    def reset_input_buffer(self):
        self._library.board_forget(self._handle)

    def _receive(self, space, cycles):
        count = self._library.board_receive(self._handle, space.ctypes.data, len(space), cycles)
        fault = self._library.board_fault(self._handle).decode(errors="replace")
        if fault:
            raise SimulationError(fault)
        return count
