"""How deep the logic of the vector unit's entities is, in the widths of the card."""

import dataclasses

import pytest

from myhdl_acc.report.synthesis import depths
from myhdl_acc.rtl.config import AcceleratorConfig
from myhdl_acc.rtl.vector.unit.vector_unit import vector_ports, vector_unit
from myhdl_acc.simulate import Design, clock, reset

#: LUT6 levels between registers.
LEVELS = 9


@pytest.mark.slow
def test_no_path_is_deeper():
    config = dataclasses.replace(AcceleratorConfig.preset("u280"), lanes=4)
    found = depths(Design(vector_unit, clk=clock(), rst=reset(), **vector_ports(config)))
    assert {name: levels for name, levels in found.items() if levels > LEVELS} == {}
