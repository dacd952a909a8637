"""The host's link, through serial lines at both ends."""

import struct

import pytest
from link_bench import STEP, TOLD, link_design

from myhdl_acc.rtl.board.protocol import (
    ANSWER,
    IDENTIFY,
    READ_MEMORY,
    READ_REGISTER,
    SET_RATE,
    WRITE_MEMORY,
    WRITE_REGISTER,
    check,
    request,
)
from myhdl_acc.simulate import open_simulation


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


@pytest.fixture(params=["myhdl", "verilator"])
def host(request):
    with open_simulation(link_design(), request.param) as simulation:
        yield Host(simulation)


def test_every_request(host):
    assert [host.answer(IDENTIFY, number)[0] for number in range(4)] == list(TOLD)
    for place, value in ((3, 0x89ABCDEF), (15, 1)):
        assert host.answer(WRITE_REGISTER, 4 * place, value) == (0, b"")
    assert [host.answer(READ_REGISTER, 4 * place)[0] for place in (15, 3)] == [1, 0x89ABCDEF]
    data = bytes(range(7, 27))
    assert host.answer(WRITE_MEMORY, 12, 10, data) == (0, b"")
    assert host.answer(READ_MEMORY, 12, 10, size=20) == (10, data)
    assert host.answer(READ_MEMORY, 14, 1, size=2) == (1, data[2:4])
    assert host.answer(READ_MEMORY, 14, 0) == (0, b"")
    assert host.answer(0x77) == (0, b"")


def test_what_is_broken_gets_no_answer_and_the_next_request_one(host):
    broken = bytearray(request(WRITE_REGISTER, 8, 5))
    broken[6] ^= 1
    got = host.ask(b"\0\xff" + bytes(broken) + b"noise" + request(READ_REGISTER, 8), 8)
    assert got[1] == READ_REGISTER and got[2:6] == bytes(4)


def test_words_with_a_wrong_check(host):
    sent = request(WRITE_MEMORY, 0, 1) + b"ab" + b"no"
    got = host.ask(sent, 8)
    assert got[1] == WRITE_MEMORY and got[2:6] == b"\1\0\0\0"


def test_the_rate_changes_behind_the_answer(host):
    """All of the answer comes at the old rate; the bench's lines keep theirs, so the new one is the same."""
    assert host.answer(SET_RATE, value=STEP) == (0, b"")
    assert host.answer(IDENTIFY, 0)[0] == TOLD[0]
