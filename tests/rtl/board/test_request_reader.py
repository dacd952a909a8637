"""Requests found among bytes, under noise and broken checks, and what is not heard."""

import struct

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reader_bench import ADDRESS_BITS, patient_design, reader_design
from step_by_step import SIMULATORS

from myhdl_acc.rtl.board.protocol import READ_REGISTER, SILENCE_BITS, SYNC, WRITE_MEMORY, check, request
from myhdl_acc.rtl.board.request_reader import LATENCY
from myhdl_acc.simulate import open_simulation
from myhdl_acc.simulate.backpressure import gap_array

NOISE = st.binary(max_size=6).map(lambda data: data.replace(bytes([SYNC]), b""))
NUMBER = st.integers(0, (1 << 32) - 1)


class Reader:
    """A reader that is fed with requests, one at a time, and what comes before them."""

    def __init__(self, simulation, kind="never"):
        self._simulation, self._kind, self._seed = simulation, kind, 0

    def feed(self, sent, expected=None, words=()):
        """``expected``: (operation, address, value, broken); ``words``: (address, data) of each. Gives the cycles of
        transfers. A byte of words takes longer than these do.
        """
        self._seed += 1
        counts = {"source": int(expected is not None), "source_word": len(words)}
        gaps = {name: gap_array(self._kind, count, self._seed) for name, count in counts.items()}
        gaps["sink"] = gap_array(self._kind, len(sent), self._seed + 100)
        if words:
            gaps["sink"] += 4
            gaps["source_word"] = np.minimum(gaps["source_word"], 3)
        run = self._simulation.run({"sink": {"data": list(sent)}}, counts, gaps, record=True)
        found = run.outputs["source"]
        fields = [found[name].tolist() for name in ("operation", "address", "value", "broken")]
        assert list(zip(*fields, strict=True)) == ([expected] if expected else [])
        found = run.outputs["source_word"]
        assert list(zip(found["address"].tolist(), found["data"].tolist(), strict=True)) == list(words)
        return run.transfers

    def write(self, address, data, tail=None, before=b""):
        """``tail``: instead of the check of the words."""
        sent = before + request(WRITE_MEMORY, address, len(data) // 2) + data + (tail or check(data))
        first = address // 2
        words = [
            ((first + place) % (1 << ADDRESS_BITS), word)
            for place, (word,) in enumerate(struct.iter_unpack("<H", data))
        ]
        return self.feed(sent, (WRITE_MEMORY, address, len(data) // 2, int(tail is not None)), words)


def check_all(reader, rng):
    for _ in range(6):
        before = bytes(rng.integers(0, SYNC, 3).tolist())
        operation, address, value = READ_REGISTER, *rng.integers(0, 1 << 32, 2).tolist()
        whole = request(operation, address, value)
        broken = bytearray(whole)
        broken[rng.integers(1, len(whole))] ^= 1 << rng.integers(8)
        reader.feed(before + bytes(broken) + whole, (operation, address, value, 0))
        data = rng.integers(0, 256, 2 * rng.integers(4), np.uint8).tobytes()
        reader.write(int(rng.integers(1 << 32)), data, before=before)
        reader.write(int(rng.integers(1 << 32)), data, tail=bytes([check(data)[0] ^ 1, check(data)[1]]))


@pytest.mark.parametrize("backend", SIMULATORS)
@pytest.mark.parametrize("kind", ["never", "random", "bursty"])
def test_requests(backend, kind):
    with open_simulation(reader_design(), backend) as simulation:
        check_all(Reader(simulation, kind), np.random.default_rng(1))


@pytest.fixture(scope="module")
def reader():
    with open_simulation(reader_design()) as simulation:
        yield Reader(simulation)


@settings(max_examples=25, deadline=None)
@given(NOISE, st.integers(0, 255).filter(lambda operation: operation != WRITE_MEMORY), NUMBER, NUMBER)
def test_any_request_behind_any_noise(reader, noise, operation, address, value):
    """LATENCY cycles behind its last byte, a byte per cycle."""
    cycles = reader.feed(noise + request(operation, address, value), (operation, address, value, 0))
    assert (np.diff(cycles["sink"]) == 1).all()
    assert cycles["source"][0] == cycles["sink"][-1] + LATENCY


@settings(max_examples=15, deadline=None)
@given(NUMBER, st.binary(max_size=8), st.booleans())
def test_any_words(reader, address, data, broken):
    """LATENCY cycles behind their bytes."""
    data = data[: len(data) & ~1]
    tail = bytes(255 - byte for byte in check(data)) if broken else None
    cycles = reader.write(address, data, tail)
    seconds = cycles["sink"][len(request(0)) + 1 : -2 : 2]
    assert cycles["source_word"].tolist() == (seconds + LATENCY).tolist()
    assert cycles["source"][0] == cycles["sink"][-1] + LATENCY


def test_what_comes_while_a_request_stands_is_not_heard(reader):
    first, second = (request(READ_REGISTER, address) for address in (4, 8))
    reader.feed(first + second)
    reader.feed(b"", (READ_REGISTER, 4, 0, 0))
    reader.feed(second, (READ_REGISTER, 8, 0, 0))


def test_what_comes_while_a_word_stands_is_not_heard(reader):
    """So a check that comes too early is none, and the one that is sent again is."""
    data = b"ab"
    reader.feed(request(WRITE_MEMORY, 0, 1) + data + check(data))
    reader.feed(b"", words=[(0, 0x6261)])
    reader.feed(check(data), (WRITE_MEMORY, 0, 1, 0))


def test_silence():
    """A request goes on after almost 2^SILENCE_BITS cycles, and is forgotten after these; also in its words."""
    sent, silence = request(READ_REGISTER, 12), 1 << SILENCE_BITS
    begun = request(WRITE_MEMORY, 0, 2) + b"a"
    with open_simulation(patient_design(), "verilator") as simulation:
        for before, gap, after in (
            (sent[:5], silence - 1, sent[5:]),
            (sent[:5], silence, sent),
            (begun, silence, sent),
        ):
            gaps = [0] * len(before) + [gap] + [0] * (len(after) - 1)
            ticks = np.full(silence // 9000, 9000)
            run = simulation.run(
                {"sink": {"data": list(before + after)}, "sink_tick": len(ticks)},
                {"source": 1},
                {"sink": gaps, "sink_tick": ticks},
            )
            assert run.outputs["source"]["address"].tolist() == [12]
