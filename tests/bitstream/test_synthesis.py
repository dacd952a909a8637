"""The cells that Yosys makes of block RAMs and multipliers, with their models, do what the Verilog says."""

import ctypes
import re
from itertools import product
from pathlib import Path

import pytest

from myhdl_acc.bitstream.synthesis import models, netlist
from myhdl_acc.simulate.stimulus import SimulationError
from myhdl_acc.simulate.verilator import build_verilog, compile_library

HERE = Path(__file__).parent
CELLS = {"cells.v": (HERE / "cells.v").read_text()}
#: The results of cells.v in their order.
RESULTS = (
    "ram_1", "ram_2", "ram_4", "ram_9", "ram_18", "ram_36", "parts_18", "parts_36", "one_port", "wide",
    "rom_4", "rom_9", "rom_18", "unsigned", "signed", "wide low", "wide high",
)  # fmt: skip
CYCLES = 20_000
STOPPED = 0xFFFFFFFF
HARNESS = """\
#include <stdexcept>
#include "Vdesign.h"
#include "verilated.h"
void vl_fatal(const char*, int, const char*, const char* problem) { throw std::runtime_error(problem); }
constexpr uint32_t STOPPED = ~0u;
// The results that ever differed.
extern "C" __attribute__((visibility("default"))) uint32_t differences(int cycles) {
    VerilatedContext context;
    Vdesign model(&context);
    uint32_t found = 0;
    try {
        for (int edge = 0; edge < 2 * cycles; edge++) {
            model.clk = edge & 1;
            model.eval();
            found |= model.wrong;
        }
    } catch (const std::exception&) {
        found = STOPPED;
    }
    return found;
}
"""


def run(files):
    """What ``differences`` of HARNESS says of the module ``bench``."""
    library = ctypes.CDLL(str(compile_library(build_verilog("bench", files), {"harness.cpp": HARNESS})))
    library.differences.restype = ctypes.c_uint32
    return library.differences(CYCLES)


@pytest.mark.slow
def test_a_netlist_computes_what_the_verilog_does():
    files = netlist("cells", CELLS)
    text = files["netlist.v"].replace("module cells(", "module gates(")
    for port in "AB":
        widths = set(re.findall(rf"\.DATA_WIDTH_{port}\(32'd(\d+)\)", text))
        assert widths == {"1", "2", "4", "9", "18", "36"}
    assert set(re.findall(r"\.SIGNEDA\(1'h([01])\),\s+\.SIGNEDB\(1'h([01])\)", text)) == set(product("01", repeat=2))
    found = run(files | CELLS | {"netlist.v": text, "bench.v": (HERE / "bench.v").read_text()})
    assert [name for number, name in enumerate(RESULTS) if found >> number & 1] == []


def instance(cell, parameters="", pins=""):
    """Of a cell in a module of its own."""
    return f"module alone(input clk); {cell} #({parameters}) cell_under_test({pins}); endmodule\n"


@pytest.mark.parametrize(
    "text, word",
    [
        (instance("DP16KD", '.GSR("DISABLED"), .REGMODE_A("OUTREG")'), "DP16KD_register_is_not_simulated"),
        (instance("DP16KD", '.GSR("DISABLED"), .WRITEMODE_A("WRITETHROUGH")'), "DP16KD_write_mode_is_not_simulated"),
        (instance("DP16KD", '.GSR("DISABLED"), .CLKBMUX("INV")'), "DP16KD_inverted_clock_is_not_simulated"),
        (instance("DP16KD", '.GSR("DISABLED"), .CSDECODE_B("0b001")'), "DP16KD_chip_select_is_not_simulated"),
        (instance("DP16KD", '.GSR("DISABLED"), .DATA_WIDTH_B(36)'), "DP16KD_shared_pins_are_not_simulated"),
        (instance("DP16KD", '.GSR("DISABLED"), .DATA_WIDTH_A(8)'), "DP16KD_width_is_not_simulated"),
        (instance("DP16KD", '.GSR("ENABLED")'), "DP16KD_global_reset_is_not_simulated"),
        (instance("DP16KD", '.CEAMUX("INV")'), "'CEAMUX'"),
        (instance("MULT18X18D", '.REG_INPUTA_CLK("CLK0")'), "'REG_INPUTA_CLK'"),
        (instance("MULT18X18D", "", ".CLK0(clk)"), "'CLK0'"),
        (instance("ALU54B"), "'ALU54B'"),
    ],
)
def test_what_no_model_knows_is_refused(text, word):
    with pytest.raises(SimulationError, match=word):
        build_verilog("alone", {"models.v": models(), "netlist.v": text})


def test_a_pin_that_no_model_knows_ends_the_simulation(capfd):
    bench = """\
module bench(input clk, output wrong);
    assign wrong = 0;
    DP16KD #(.GSR("DISABLED")) ram(.CLKA(clk), .RSTA(1'b1));
endmodule
"""
    assert run({"models.v": models(), "bench.v": bench}) == STOPPED
    assert "DP16KD: reset or chip select of port A" in capfd.readouterr().out
