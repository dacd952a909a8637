"""The converted memory units at u280: clean for GHDL and Verilator, valid never waits for ready, queues in UltraRAM."""

import pytest
from mapped_cells import mapped_cells
from memory_designs import lane_design, program_design

from myhdl_acc.hdl.convert import convert
from myhdl_acc.rtl.config import AcceleratorConfig
from myhdl_acc.simulate.formal import check_rule_four
from myhdl_acc.simulate.lint import lint_verilog, lint_vhdl

TINY, U280 = (AcceleratorConfig.preset(name) for name in ("tiny", "u280"))
DESIGNS = {"lane": lane_design, "program": program_design}


@pytest.mark.parametrize("name", list(DESIGNS))
def test_lint(name, tmp_path):
    lint_vhdl(convert(DESIGNS[name](U280), "vhdl", tmp_path / "vhdl"))
    lint_verilog(convert(DESIGNS[name](U280), "verilog", tmp_path / "verilog"))


@pytest.mark.parametrize("name", list(DESIGNS))
def test_rule_four(name):
    check_rule_four(DESIGNS[name](TINY))


def test_a_lanes_queue_takes_eight_ultra_rams(tmp_path):
    counts = mapped_cells(lane_design(U280), tmp_path, "prefetch")
    assert counts["URAM288"] == 8
    assert not [kind for kind in counts if kind.startswith(("RAMB", "$mem"))]
