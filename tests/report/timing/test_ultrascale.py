"""What cells of the card's part take on a path between two registers."""

import pytest

from myhdl_acc.report.timing import ultrascale as unit
from myhdl_acc.report.timing.module import Module

WIRE = unit.FIRST
ENDS = unit.CLOCK_TO_Q + unit.SETUP


def cell(kind, parameters=(), **ports):
    """``ports``: (direction, nets)."""
    directions = {name: direction for name, (direction, _) in ports.items()}
    bits = {name: nets for name, (_, nets) in ports.items()}
    return {"type": kind, "parameters": dict(parameters), "port_directions": directions, "connections": bits}


def register(held, given):
    return cell("FDRE", C=("input", ["0"]), D=("input", [given]), Q=("output", [held]))


def module(**cells):
    return Module("whole", {"ports": {}, "cells": cells, "netnames": {}}, unit.ULTRASCALE, {})


def between(first, **middle):
    """Module and slowest path from the register of net 1 through ``middle`` to that which takes net ``first``."""
    whole = module(a=register(1, "0"), z=register(99, first), **middle)
    return whole, whole.slowest(1)[0]


def test_a_table():
    lut = cell("LUT2", I0=("input", [1]), I1=("input", ["1"]), O=("output", [2]))
    _, path = between(2, lut=lut)
    assert path.ns == pytest.approx(ENDS + WIRE + unit.LUT) and path.levels == 1


def test_a_carry_chain_of_two_cells():
    low = cell("CARRY4", S=("input", [1, "0", "0", "0"]), CI=("input", ["0"]), CO=("output", [3, 4, 5, 6]))
    high = cell("CARRY4", S=("input", ["0"] * 4), CI=("input", [6]), O=("output", [7, 8, 9, 10]))
    _, path = between(10, low=low, high=high)
    assert path.ns == pytest.approx(ENDS + WIRE + unit.CARRY_IN + unit.CARRY_OUT + WIRE)


def test_a_multiplier_between_registers_has_them_inside():
    product = cell("DSP48E2", A=("input", [1]), B=("input", [1]), P=("output", [2]))
    whole, path = between(2, product=product)
    assert path.ns == pytest.approx(1 / 0.544) and whole.lacking == {}


def test_a_multiplier_behind_logic_lacks_registers():
    lut = cell("LUT1", I0=("input", [1]), O=("output", [3]))
    product = cell("DSP48E2", A=("input", [3]), P=("output", [2]))
    whole, _ = between(2, lut=lut, product=product)
    assert whole.lacking == {"product": "registers before it"}


@pytest.mark.parametrize(
    ("kind", "register_parameter", "times"), [("RAMB36E2", "DOB_REG", 1), ("URAM288", "OREG_B", unit.ULTRA)]
)
@pytest.mark.parametrize("registered", [0, 1])
def test_a_memory_gives_data_late(kind, register_parameter, times, registered):
    ram = cell(kind, {register_parameter: str(registered)}, ADDR=("input", [1]), DOUT=("output", [2]))
    whole = module(ram=ram, z=register(99, 2))
    clock = unit.RAM_CLOCK_REGISTERED if registered else unit.RAM_CLOCK
    assert whole.slowest(1)[0].ns == pytest.approx(times * clock + WIRE + unit.SETUP)
    assert whole.lacking == ({} if registered else {"ram": "an output register"})
