"""The bytes of answers, with the protocol's own check."""

import struct

import numpy as np
import pytest
from step_by_step import SIMULATORS

from myhdl_acc.hdl.stream import Stream
from myhdl_acc.rtl.board.answer_writer import answer_writer
from myhdl_acc.rtl.board.protocol import ANSWER, check
from myhdl_acc.rtl.board.records import answer_stream, byte_stream
from myhdl_acc.simulate import Design, clock, reset
from myhdl_acc.simulate.exercise import exercise
from myhdl_acc.simulate.formal import check_rule_four


def design():
    return Design(
        answer_writer,
        clk=clock(),
        rst=reset(),
        sink=answer_stream(),
        sink_byte=Stream(data=8, last=1),
        source=byte_stream(),
    )


@pytest.mark.parametrize("backend", SIMULATORS)
def test_answers(backend):
    """Under every back-pressure; at full speed a byte per cycle from the first cycle on."""
    rng = np.random.default_rng(1)
    sizes = [0, 2, 0, 0, 6, 1, 17, 0]
    operation, value = rng.integers(0, 256, len(sizes)), rng.integers(0, 1 << 32, len(sizes))
    words = [rng.integers(0, 256, size, np.uint8) for size in sizes]
    sent = b""
    for number, word, data in zip(operation.tolist(), value.tolist(), words, strict=True):
        body = struct.pack("<BI", number, word) + data.tobytes()
        sent += bytes([ANSWER]) + body + check(body)
    last = np.concatenate([np.arange(1, size + 1) == size for size in sizes])
    runs = exercise(
        design(),
        {
            "sink": {"operation": operation, "value": value, "words": np.array(sizes) > 0},
            "sink_byte": {"data": np.concatenate(words), "last": last},
        },
        {"source": {"data": np.frombuffer(sent, np.uint8)}},
        backend,
    )
    full = runs["full_speed"].transfers
    assert full["source"].tolist() == list(range(len(sent)))
    ends = np.cumsum(8 + np.array(sizes)) - 1
    assert full["sink"].tolist() == ends.tolist()


def test_rule_four():
    check_rule_four(design())
