"""What every request makes of registers, memory and the answer."""

import numpy as np
import pytest
from step_by_step import SIMULATORS, Steps

from myhdl_acc.rtl.board import records
from myhdl_acc.rtl.board.executor import executor
from myhdl_acc.rtl.board.protocol import (
    IDENTIFY,
    IDENTITY,
    READ_MEMORY,
    READ_REGISTER,
    SET_RATE,
    WRITE_MEMORY,
    WRITE_REGISTER,
)
from myhdl_acc.rtl.control.records import axi_lite
from myhdl_acc.simulate import Design, clock, reset
from myhdl_acc.simulate.formal import check_rule_four

ADDRESS_BITS = 6
TOLD = dict(zip((f"identity_{name}" for name in IDENTITY), (11, 22, 33, (1 << 32) - 1), strict=True))


def design():
    return Design(
        executor,
        clk=clock(),
        rst=reset(),
        sink=records.request_stream(),
        bus=axi_lite().flipped(),
        identity=records.identity(),
        source_read=records.word_read_stream(ADDRESS_BITS),
        source=records.answer_stream(),
    )


def request(operation, address=0, value=0, broken=0):
    return {"sink": {"operation": operation, "address": address, "value": value, "broken": broken}}


def answer(operation, value=0, words=0):
    return {"source": {"operation": operation, "value": value, "words": words}}


def ask_all(steps, rng):
    """The cycles of every kind of request in turn, in any order."""
    number = int(rng.integers(1 << 32))
    cases = [
        (request(IDENTIFY, place) | TOLD, answer(IDENTIFY, told)) for place, told in enumerate(TOLD.values())
    ]  # fmt: skip
    cases += [(request(operation, 4, number), answer(operation)) for operation in (SET_RATE, 0x77)]
    cases += [(request(WRITE_MEMORY, 4, number, broken), answer(WRITE_MEMORY, broken)) for broken in (0, 1)]
    cases.append((
        request(READ_REGISTER, 0x124) | {"bus_sink_r": {"data": number, "resp": 0}},
        answer(READ_REGISTER, number) | {"bus_source_ar": {"address": 0x124}},
    ))  # fmt: skip
    cases.append((
        request(WRITE_REGISTER, 0x48, number) | {"bus_sink_b": {"resp": 0}},
        answer(WRITE_REGISTER) | {"bus_source_aw": {"address": 0x48}, "bus_source_w": {"data": number, "strobe": 15}},
    ))  # fmt: skip
    for count in (0, number | 1):
        words = {"source_read": {"address": 5, "count": count}}
        cases.append((request(READ_MEMORY, 10, count), answer(READ_MEMORY, count, count != 0) | words))
    for place in rng.permutation(len(cases)):
        inputs, outputs = cases[place]
        yield steps.step(inputs, outputs, late=[name for name in inputs if name.startswith("bus")])


@pytest.mark.parametrize("backend", SIMULATORS)
@pytest.mark.parametrize("pauses", [0, 5])
def test_every_request(backend, pauses):
    rng = np.random.default_rng(pauses)
    with Steps(design(), backend, pauses) as steps:
        for _ in range(2):
            for cycles in ask_all(steps, rng):
                assert cycles["sink"] == max(cycles.values()) >= cycles["source"]
                if not pauses:
                    assert cycles["source"] == cycles.get("bus_sink_r", cycles.get("bus_sink_b", 0))
                    assert all(cycles[name] == 0 for name in cycles if "source_" in name)


def test_rule_four():
    check_rule_four(design())
