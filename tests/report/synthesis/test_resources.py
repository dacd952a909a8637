"""Cells of a netlist as resources of the device."""

import pytest

from myhdl_acc.hdl.convert.errors import ConversionError
from myhdl_acc.report.synthesis.resources import BUDGET, Resources, count_cells, memory_cells


def test_every_kind_of_cell():
    cells = {
        "LUT1": 1, "LUT6": 2, "SRL16E": 3, "SRLC32E": 4, "RAM32M16": 5, "RAM64M8": 1, "RAM64X1D": 1,
        "FDRE": 7, "FDSE": 8, "FDCE": 1, "FDPE": 1,
        "DSP48E2": 9, "RAMB18E2": 3, "RAMB36E2": 2, "URAM288": 6,
        "CARRY4": 99, "MUXF7": 99, "INV": 99, "BUFG": 1,
    }  # fmt: skip
    luts = 1 + 2 + 3 + 4 + 5 * 8 + 8 + 2
    assert count_cells(cells) == Resources(lut=luts, ff=17, dsp=9, bram36=3.5, uram=6)
    assert memory_cells(cells).keys() == {
        "SRL16E", "SRLC32E", "RAM32M16", "RAM64M8", "RAM64X1D", "RAMB18E2", "RAMB36E2", "URAM288",
    }  # fmt: skip


@pytest.mark.parametrize("kind", ["$mul", "$mem_v2", "$_DFF_P_", "LUT7", "OBUF", "sequencer"])
def test_a_cell_of_no_device_is_refused(kind):
    with pytest.raises(ConversionError, match="cell of type"):
        count_cells({"LUT6": 1, kind: 1})


def test_arithmetic():
    one = Resources(1, 2, 3, 0.5, 5)
    assert one + one == one * 2 == Resources(2, 4, 6, 1.0, 10)
    assert one * 0 == Resources()


def test_budget_is_the_platforms():
    assert (BUDGET.lut, BUDGET.ff, BUDGET.dsp, BUDGET.bram36, BUDGET.uram) == (1_135_680, 2_271_360, 8_304, 1_776, 960)
