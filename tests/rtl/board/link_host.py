"""The host's end of a simulated link: bytes before and behind its serial line."""

import struct

from myhdl_acc.rtl.board.protocol import ANSWER, WRITE_MEMORY, check, request


class Host:
    def __init__(self, simulation):
        self.simulation = simulation

    def ask(self, sent, size):
        """The ``size`` bytes that answer ``sent``."""
        run = self.simulation.run({"sink": {"data": list(sent)}}, {"source": size})
        return bytes(run.outputs["source"]["data"].astype("uint8"))

    def answer(self, operation, address=0, value=0, follows=b"", size=0):
        """``(value, data)`` of an answer with a right check."""
        sent = request(operation, address, value) + (follows + check(follows) if operation == WRITE_MEMORY else b"")
        got = self.ask(sent, 8 + size)
        assert got[:2] == bytes([ANSWER, operation]) and check(got[1:-2]) == got[-2:]
        return struct.unpack("<I", got[2:6])[0], got[6:-2]
