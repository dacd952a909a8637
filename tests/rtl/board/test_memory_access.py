"""Writes and reads on one port of memory."""

import numpy as np
import pytest
from step_by_step import SIMULATORS, Steps

from myhdl_acc.rtl.board.memory_access import memory_access
from myhdl_acc.rtl.board.records import host_port, word_read_stream, word_stream, word_write_stream
from myhdl_acc.simulate import Design, clock, reset
from myhdl_acc.simulate.formal import check_rule_four

ADDRESS_BITS = 6


def design():
    return Design(
        memory_access,
        clk=clock(),
        rst=reset(),
        sink_write=word_write_stream(ADDRESS_BITS),
        sink_read=word_read_stream(ADDRESS_BITS),
        port=host_port(ADDRESS_BITS),
        source=word_stream(),
    )


def write(address, word):
    """A step of a write, and all that the port has of it."""
    return {"sink_write": {"address": address, "data": word}}, {
        "port_source_command": {"write": 1, "address": address},
        "port_source_word": {"data": word},
    }


@pytest.mark.parametrize("backend", SIMULATORS)
@pytest.mark.parametrize("pauses", [0, 5])
def test_writes_and_reads(backend, pauses):
    rng = np.random.default_rng(pauses)
    with Steps(design(), backend, pauses) as steps:
        for _ in range(12):
            address, word = int(rng.integers(1 << ADDRESS_BITS)), int(rng.integers(1 << 16))
            cycles = steps.step(*write(address, word))
            if not pauses:
                assert len(set(cycles.values())) == 1  # latency 0
            steps.step(
                {"sink_read": {"address": address, "count": 1}},
                {"port_source_command": {"write": 0, "address": address}},
            )
            steps.step({"port_sink_word": {"data": word}}, {"source": {"data": word, "last": 1}})


def test_a_write_goes_first():
    with Steps(design()) as steps:
        steps.step({"sink_read": {"address": 1, "count": 2}}, {"port_source_command": {"write": 0, "address": 1}})
        steps.step({"port_sink_word": {"data": 7}}, {"source": {"data": 7, "last": 0}})
        # The command of the second word is offered in the cycle of the write, or before.
        steps.step(*write(5, 9))
        steps.step({}, {"port_source_command": {"write": 0, "address": 2}})


def test_rule_four():
    check_rule_four(design())
