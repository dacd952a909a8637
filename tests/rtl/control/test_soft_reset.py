"""The soft reset: it waits for memory, not for ever, and then pulses."""

import numpy as np
import pytest
from myhdl import Signal, always_comb

from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.stream import Stream
from myhdl_acc.hdl.wiring import unused
from myhdl_acc.rtl.control.soft_reset import PATIENCE, PULSE, SETTLE, soft_reset
from myhdl_acc.simulate import Design, clock, open_simulation, reset


@entity
def soft_reset_bench(clk, rst, sink, source):
    """sink: ``request`` and ``open`` of a cycle; source: what is shown in it."""
    request, transactions_open = Signal(bool(0)), Signal(bool(0))
    unused(source.ready)

    @always_comb
    def connect():
        sink.ready.next = True
        source.valid.next = sink.valid
        request.next = sink.valid and sink.request
        transactions_open.next = sink.valid and sink.open

    soft_reset(
        request=request,
        transactions_open=transactions_open,
        halt=source.halt,
        resetting=source.resetting,
        unit_reset=source.unit_reset,
    )


def shown(opened, cycles, backend="myhdl"):
    """What is shown for so many cycles if a reset is asked for in cycle 2 and transactions are open in ``opened``."""
    design = Design(
        soft_reset_bench, clk=clock(), rst=reset(), sink=Stream(request=1, open=1),
        source=Stream(halt=1, resetting=1, unit_reset=1),
    )  # fmt: skip
    words = {"request": np.arange(cycles) == 2, "open": np.isin(np.arange(cycles), list(opened))}
    with open_simulation(design, backend) as simulation:
        run = simulation.run({"sink": {name: word.astype(int) for name, word in words.items()}}, {"source": cycles})
    out = {name: np.flatnonzero(word).tolist() for name, word in run.outputs["source"].items()}
    assert out["unit_reset"].pop(0) == 0  # that of ``rst``, which is registered
    return out


@pytest.mark.parametrize("last_open", [0, 30])
def test_the_units_are_reset_when_memory_was_quiet_for_long_enough(last_open):
    out = shown(range(last_open), 80)
    first = max(3, last_open) + SETTLE + 1
    assert out["unit_reset"] == list(range(first, first + PULSE))
    assert out["halt"] == out["resetting"] == list(range(3, first + PULSE))


def test_a_pause_is_not_quiet():
    opened = range(3, 60, SETTLE)
    assert shown(opened, 100)["unit_reset"][0] == opened[-1] + SETTLE + 2


def test_patience_ends():
    out = shown(range(PATIENCE + 100), PATIENCE + 40, "verilator")
    assert out["unit_reset"] == list(range(PATIENCE + 3, PATIENCE + 3 + PULSE))
