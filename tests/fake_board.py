"""Stands in for a board behind a serial line: its link's protocol, before a golden device of one lane.

``mood`` says what goes wrong: ``silent`` answers nothing, ``garbage`` something else; ``pulled`` raises what pyserial
does when the cable is gone. ``flips``: numbers of answers of which a bit arrives wrong.
"""

import contextlib
import os
import struct
import threading
import tty

from myhdl_acc.driver import GoldenDevice
from myhdl_acc.driver.device import START
from myhdl_acc.rtl.board.protocol import (
    ANSWER,
    HEADER,
    IDENTIFY,
    MAGIC,
    READ_MEMORY,
    READ_REGISTER,
    SYNC,
    WRITE_MEMORY,
    WRITE_REGISTER,
    check,
    fingerprint,
)
from myhdl_acc.rtl.control.register_map import OFFSETS

MEMORY = 4 << 20


class FakeBoard:
    def __init__(self, config):
        self._config = config
        self._reset()
        self.told = [MAGIC, fingerprint(config), 50_000_000, MEMORY]
        self.mood, self.flips = "", set()
        self.answers = 0
        self._waiting = b""

    def _reset(self):
        self._running = False
        self.golden = GoldenDevice(self._config)
        self.golden.allocate(MEMORY)

    def write(self, data):
        if self.mood == "pulled":
            raise OSError("device reports readiness to read but returned no data")
        sync, operation, address, value = struct.unpack("<BBII", data[: 1 + HEADER])
        assert sync == SYNC and check(data[1 : 1 + HEADER]) == data[1 + HEADER : 3 + HEADER]
        result, words = self._answer(operation, address, value, data[3 + HEADER :])
        body = struct.pack("<BI", operation, result) + words
        self.answers += 1
        answer = bytearray(bytes([ANSWER]) + body + check(body))
        if self.answers in self.flips:
            answer[-3] ^= 4
        self._waiting += {"": bytes(answer), "silent": b"", "garbage": b"Starting kernel ...\r\n" * 4}[self.mood]

    def read(self, size):
        found, self._waiting = self._waiting[:size], self._waiting[size:]
        return found

    def reset_input_buffer(self):
        self._waiting = b""

    def _answer(self, operation, address, value, rest):
        golden = self.golden
        if operation == IDENTIFY:
            return self.told[address], b""
        if operation == READ_REGISTER:
            if address == OFFSETS["ctrl"]:
                self._running = self._running and not golden.advance()
                return int(self._running), b""
            return (0 if address == OFFSETS["reset"] else golden.read_register(address)), b""
        if operation == WRITE_REGISTER:
            if address == OFFSETS["reset"]:
                self._reset()
                return 0, b""
            golden.write_register(address, value)
            if address == OFFSETS["ctrl"]:
                self._running = bool(value & START)
            return 0, b""
        if operation == READ_MEMORY:
            return value, golden.read_memory(0, address, 2 * value).tobytes()
        assert operation == WRITE_MEMORY and check(rest[:-2]) == rest[-2:] and len(rest) == 2 * value + 2
        golden.write_memory(0, address, rest[:-2])
        return 0, b""


class PortOfBoard:
    """A serial port, ``path``, with a FakeBoard behind it, answered by a thread until it is pulled or closed.

    ``pulled_after``: requests after which the cable is gone.
    """

    def __init__(self, board, pulled_after=None):
        self._master, slave = os.openpty()
        tty.setraw(slave)
        self.path = os.ttyname(slave)
        self._slave = slave
        self._board, self._left = board, pulled_after
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._close()
        self._thread.join(10)

    def _close(self):
        for handle in (self._slave, self._master):
            with contextlib.suppress(OSError):
                os.close(handle)

    def _take(self, size):
        found = b""
        while len(found) < size:
            part = os.read(self._master, size - len(found))
            if not part:
                raise OSError
            found += part
        return found

    def _serve(self):
        with contextlib.suppress(OSError):
            while self._left != 0:
                head = self._take(3 + HEADER)
                _, operation, _, value = struct.unpack("<BBII", head[: 1 + HEADER])
                self._board.write(head + (self._take(2 * value + 2) if operation == WRITE_MEMORY else b""))
                answer = self._board.read(1 << 20)
                while answer:
                    answer = answer[os.write(self._master, answer) :]
                self._left = None if self._left is None else self._left - 1
            self._close()
