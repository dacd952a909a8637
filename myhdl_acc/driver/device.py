"""What the driver needs of a device."""

from abc import ABC, abstractmethod
from time import monotonic

START = 1  # in ``ctrl``
BLANK = 0xA5  #: what memory holds at first, where that can be chosen: no result may depend on it


class DeviceError(RuntimeError):
    """A run failed, or a device cannot do what was asked. The message is one line."""


class Device(ABC):
    """An accelerator with its memory: registers by byte offset (docs/registers.md), a pseudo-channel per lane.

    ``readable``: whether registers can be read; where they cannot, results come from memory alone. ``clocked``: whether
    a run counts its cycles. ``stoppable``: whether registers can be written while a run goes on. ``tears``: memory is
    read a word at a time, so that what is read while it is written may be old before a place and new behind it.
    """

    readable = True
    clocked = True
    stoppable = True
    tears = False

    @abstractmethod
    def allocate(self, size):
        """Give every lane ``size`` bytes of memory; what was there is lost."""

    @abstractmethod
    def address(self, lane):
        """Byte address of a lane's memory, as its pointer register wants it."""

    @abstractmethod
    def write_memory(self, lane, offset, data):
        """``data`` (bytes or uint8 array) to byte ``offset`` of a lane's memory."""

    @abstractmethod
    def read_memory(self, lane, offset, size):
        """uint8 array of ``size`` bytes from byte ``offset`` of a lane's memory."""

    @abstractmethod
    def write_register(self, offset, value):
        """Set the 32-bit register at ``offset``."""

    @abstractmethod
    def read_register(self, offset):
        """The 32-bit register at ``offset``. Raises DeviceError if the device is not ``readable``."""

    def watch(self, offset, size):
        """What a run tells is written to these bytes of lane 0: ``advance`` returns soon after."""
        del offset, size

    def now(self):
        """Seconds, for limits of how long a run may take."""
        return monotonic()

    @abstractmethod
    def advance(self):
        """Wait a moment; returns whether the run has ended. Raises DeviceError where nothing was started."""
