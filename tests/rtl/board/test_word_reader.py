"""Words of memory, one behind the other: which are asked for, when, and the last of each request."""

import numpy as np
import pytest
from step_by_step import SIMULATORS, Steps

from myhdl_acc.hdl.stream import Stream
from myhdl_acc.rtl.board.records import word_read_stream, word_stream
from myhdl_acc.rtl.board.word_reader import LATENCY, word_reader
from myhdl_acc.simulate import Design, clock, reset

ADDRESS_BITS = 6


def design():
    return Design(
        word_reader,
        clk=clock(),
        rst=reset(),
        sink=word_read_stream(ADDRESS_BITS),
        source_command=Stream(address=ADDRESS_BITS),
        sink_word=Stream(data=16),
        source=word_stream(),
    )


@pytest.mark.parametrize("backend", SIMULATORS)
@pytest.mark.parametrize("pauses", [0, 5])
def test_requests(backend, pauses):
    """Also of no words, and across the end of memory."""
    rng = np.random.default_rng(pauses)
    with Steps(design(), backend, pauses) as steps:
        for address, count in ((3, 1), (0, 0), (7, 4), ((1 << ADDRESS_BITS) - 2, 5)):
            command = {"source_command": {"address": address}} if count else {}
            cycles = steps.step({"sink": {"address": address, "count": count}}, command)
            if count and not pauses:
                assert cycles["source_command"] == cycles["sink"] + LATENCY
            for place in range(count):
                word, last = int(rng.integers(1 << 16)), place == count - 1
                follows = {} if last else {"source_command": {"address": (address + place + 1) % (1 << ADDRESS_BITS)}}
                cycles = steps.step({"sink_word": {"data": word}}, {"source": {"data": word, "last": last}} | follows)
                if not pauses:
                    assert cycles["source"] == cycles["sink_word"] + LATENCY
                    assert last or cycles["source_command"] == cycles["source"] + LATENCY
