"""The host's end of a board's link (myhdl_acc/rtl/board/protocol.py)."""

import contextlib
import struct
import time

from golden.errors import InputError
from myhdl_acc.driver.device import DeviceError
from myhdl_acc.rtl.board.protocol import (
    ANSWER,
    IDENTIFY,
    IDENTITY,
    MAGIC,
    RATE,
    READ_MEMORY,
    READ_REGISTER,
    WRITE_MEMORY,
    WRITE_REGISTER,
    check,
    request,
)

#: Bytes of memory in a request.
PIECE = 4096
#: Of a request that can be repeated; a request's silence that the board takes for its end is shorter.
_TRIES, _PAUSE = 3, 0.05
_PATIENCE = 0.5  # seconds for the first byte of an answer, and between two
_HEAD, _TAIL = 6, 2  # bytes of an answer before and behind its words


class LinkError(Exception):
    """No answer, or none with a right check. The message says which."""


class SerialLink:
    """Requests over ``line``, which has ``write(bytes)``, ``read(size)``, which gives what comes within ``timeout``
    seconds, and ``reset_input_buffer()``, as pyserial's Serial has them. ``name``: what errors call it.
    """

    def __init__(self, line, name):
        self._line, self.name = line, name

    def identity(self):
        """What the board says of itself, by the names of IDENTITY. Raises InputError if it is none of ours."""
        try:
            found = {name: self._ask(IDENTIFY, number)[0] for number, name in enumerate(IDENTITY)}
        except LinkError as error:
            raise InputError(f"{self.name}: {error}; is the board on, and `myhdl-acc` its bitstream?") from None
        if found["magic"] != MAGIC:
            raise InputError(f"{self.name}: the board has a bitstream of another version; make bitstream, and flash it")
        return found

    def read_register(self, offset):
        return self._answered(READ_REGISTER, offset)[0]

    def write_register(self, offset, value, repeat=True):
        """``repeat``: writing twice does no harm."""
        self._answered(WRITE_REGISTER, offset, value, tries=_TRIES if repeat else 1)

    def read_memory(self, address, size):
        """``size`` bytes, an even number, from byte ``address`` on."""
        parts = []
        for first in range(0, size, PIECE):
            count = min(PIECE, size - first)
            parts.append(self._answered(READ_MEMORY, address + first, count // 2, size=count)[1])
        return b"".join(parts)

    def write_memory(self, address, data):
        """``data``, an even number of bytes, to byte ``address`` on."""
        for first in range(0, len(data), PIECE):
            piece = data[first : first + PIECE]
            self._answered(WRITE_MEMORY, address + first, len(piece) // 2, piece)

    def _answered(self, *asked, **more):
        try:
            return self._ask(*asked, **more)
        except LinkError as error:
            raise DeviceError(f"{self.name}: {error}") from None

    def _ask(self, operation, address=0, value=0, data=b"", size=0, tries=_TRIES):
        """``(value, words)`` of the answer, whose words have ``size`` bytes."""
        sent = request(operation, address, value)
        if operation == WRITE_MEMORY:
            sent += data + check(data)
        for left in reversed(range(tries)):
            try:
                self._line.write(sent)
                found = self._receive(operation, size)
                if operation == WRITE_MEMORY and found[0]:
                    raise LinkError("what the board received was not what was sent")
                return found
            except LinkError:
                if not left:
                    raise
            except OSError as error:  # pyserial's SerialException is one
                raise LinkError(f"the line broke: {error}") from None
            self._settle()
        raise AssertionError

    def _receive(self, operation, size):
        head = self._read(_HEAD)
        if head[:2] != bytes([ANSWER, operation]):
            raise LinkError("what came is no answer")
        rest = self._read(size + _TAIL)
        if check(head[1:] + rest[:-_TAIL]) != rest[-_TAIL:]:
            raise LinkError("an answer's check is wrong")
        return struct.unpack("<I", head[2:])[0], rest[:-_TAIL]

    def _read(self, size):
        found = self._line.read(size)
        if len(found) < size:
            raise LinkError("no answer" if not found else "an answer broke off")
        return found

    def _settle(self):
        """Wait until the board has forgotten a broken request, and forget what came."""
        time.sleep(_PAUSE)
        self._line.reset_input_buffer()


def open_line(port):
    """A serial port for a SerialLink. Raises InputError without pyserial or the port."""
    try:
        import serial
    except ImportError:
        raise InputError("serial: pyserial is not installed; pip install 'myhdl_acc[ecp5]'") from None
    try:
        line = serial.Serial(port, RATE, timeout=_PATIENCE, write_timeout=10, exclusive=True)
    except (serial.SerialException, ValueError) as error:
        raise InputError(f"serial: cannot open {port}: {getattr(error, 'strerror', None) or error}") from None
    # An answer of a few bytes would wait for the adapter's timer; not every system and adapter has this.
    with contextlib.suppress(AttributeError, NotImplementedError, ValueError, OSError):
        line.set_low_latency_mode(True)
    return line
