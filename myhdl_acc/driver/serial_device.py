"""A board behind a serial line (docs/bitstream.md)."""

import time

import numpy as np

from golden.errors import InputError
from myhdl_acc.driver.device import BLANK, START, Device, DeviceError
from myhdl_acc.driver.serial_link import SerialLink, open_line
from myhdl_acc.rtl.board.protocol import fingerprint
from myhdl_acc.rtl.control.register_map import OFFSETS

_PAGE = 4096
_RESET_SECONDS = 1


class SerialDevice(Device):
    """``line``: a port's name, or what SerialLink takes; ``name``: of it in errors. ``blank``: memory begins as that of
    the other devices does, which a comparison with them needs.

    The lanes' memories lie one behind the other in the board's. Raises InputError if the board does not answer, or has
    a bitstream of another configuration. A run that another program has left is ended.
    """

    tears = True

    def __init__(self, config, line, name=None, blank=False):
        self._config, self._blank = config, blank
        self._link = SerialLink(open_line(line) if isinstance(line, str) else line, name or str(line))
        self.identity = self._link.identity()
        if self.identity["fingerprint"] != fingerprint(config):
            raise InputError(
                f"{self._link.name}: the board's bitstream is of another configuration or version; "
                "give the --config that it was made with, or make bitstream and flash it"
            )
        self._stride = 0
        self._started = False
        self.reset()

    def reset(self):
        """End what runs; registers keep what was written."""
        self._link.write_register(OFFSETS["reset"], 1)
        limit = time.monotonic() + _RESET_SECONDS
        while self._link.read_register(OFFSETS["reset"]):
            if time.monotonic() > limit:
                raise DeviceError(f"{self._link.name}: the accelerator does not come out of its reset")
        self._started = False

    def allocate(self, size):
        stride = -(-size // _PAGE) * _PAGE
        needed, there = stride * self._config.lanes, self.identity["memory"]
        if needed > there:
            raise InputError(
                f"{self._link.name}: the model takes {needed / (1 << 20):.1f} MiB of memory, "
                f"the board has {there >> 20} MiB"
            )
        self._stride = stride
        if self._blank:
            for lane in range(self._config.lanes):
                self.write_memory(lane, 0, bytes([BLANK]) * stride)

    def address(self, lane):
        return lane * self._stride

    def write_memory(self, lane, offset, data):
        self._link.write_memory(self.address(lane) + offset, bytes(data))

    def read_memory(self, lane, offset, size):
        return np.frombuffer(self._link.read_memory(self.address(lane) + offset, size), np.uint8).copy()

    def write_register(self, offset, value):
        starts = offset == OFFSETS["ctrl"]
        self._link.write_register(offset, value & 0xFFFFFFFF, repeat=not starts)
        if starts and value & START:
            self._started = True

    def read_register(self, offset):
        return self._link.read_register(offset)

    def advance(self):
        if not self._started:
            raise DeviceError("wait: nothing was started")
        # ap_start is high until the run ends; ap_done would be lost with an answer.
        self._started = bool(self.read_register(OFFSETS["ctrl"]) & START)
        return not self._started
