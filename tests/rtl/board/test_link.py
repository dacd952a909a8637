"""The host's link, through serial lines at both ends."""

import numpy as np
import pytest
from link_bench import STEP, TOLD, link_design
from link_host import Host

from myhdl_acc.rtl.board.protocol import (
    IDENTIFY,
    READ_MEMORY,
    READ_REGISTER,
    SET_RATE,
    WRITE_MEMORY,
    WRITE_REGISTER,
    request,
)
from myhdl_acc.simulate import open_simulation


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


def test_any_requests(host):
    """What is read is what was written last, in any order."""
    rng = np.random.default_rng(5)
    held, words = {}, {}
    for _ in range(12):
        place, value = int(rng.integers(16)), int(rng.integers(1 << 32))
        first, count = int(rng.integers(50)), int(rng.integers(1, 5))
        data = rng.integers(0, 256, 2 * count, np.uint8).tobytes()
        if rng.integers(2):
            assert host.answer(WRITE_REGISTER, 4 * place, value) == (0, b"")
            held[place] = value
        else:
            assert host.answer(WRITE_MEMORY, 2 * first, count, data) == (0, b"")
            words |= {first + n: data[2 * n : 2 * n + 2] for n in range(count)}
        for place, value in rng.permutation(list(held.items()))[:1].tolist():
            assert host.answer(READ_REGISTER, 4 * place) == (value, b"")
        for place in rng.permutation(list(words))[:1].tolist():
            assert host.answer(READ_MEMORY, 2 * place, 1, size=2) == (1, words[place])
