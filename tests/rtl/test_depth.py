"""No entity has more logic between two registers than the clock allows: LUT6 levels, by Yosys (docs/resources.md)."""

import pytest

from myhdl_acc.cli.top import top_design
from myhdl_acc.report.synthesis import depths
from myhdl_acc.rtl.config import AcceleratorConfig

#: LUT6 levels. A multiplier counts as one, and so does a read without a register.
LIMIT = 9


@pytest.mark.slow
@pytest.mark.parametrize("preset", ("tiny", "u280"))
def test_levels_of_every_entity(preset):
    found = depths(top_design(AcceleratorConfig.preset(preset)))
    assert len(found) > 50
    assert {name: levels for name, levels in found.items() if levels > LIMIT} == {}
