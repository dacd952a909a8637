"""The accelerator itself as a kernel: its HDL under GHDL and Verilator, its ports, and make xo."""

from dataclasses import replace

import pytest
from kernel_ports import declared_ports, expected_ports

from myhdl_acc.cli.top import kernel_registers, top_design
from myhdl_acc.hdl.convert import convert
from myhdl_acc.rtl.config import AcceleratorConfig
from myhdl_acc.rtl.control import register_map
from myhdl_acc.rtl.kernel import KERNEL, write_kernel
from myhdl_acc.simulate.lint import lint_verilog, lint_vhdl

TINY, U280 = (AcceleratorConfig.preset(name) for name in ("tiny", "u280"))


def whole_kernel(config, hdl):
    """Write a kernel; its ports are Vitis's, and GHDL takes it all."""
    report = write_kernel(top_design(config), config, kernel_registers, hdl)
    text = (hdl / f"{KERNEL}.vhd").read_text()
    assert declared_ports(text) == expected_ports(config.lanes, config.beat_bits)
    netlist = lint_vhdl(replace(report, files=[file for file in report.files if file.suffix == ".vhd"]))
    assert f"entity {KERNEL} is" in netlist


def test_kernel(run_make, tmp_path):
    hdl = tmp_path / "hdl"
    whole_kernel(TINY, hdl)
    process = run_make("xo", hdl, "CONFIG=tiny")
    assert process.returncode == 0, process.stderr
    assert (tmp_path / "out" / "myhdl_acc_kernel.xo").read_text().splitlines() == [
        "myhdl_acc_kernel", "ap_clk ap_rst_n interrupt m_axi_00 m_axi_01 s_axi_control",
    ]  # fmt: skip
    ran = (tmp_path / "commands.log").read_text().splitlines()
    registers = [line.split()[1] for line in ran if line.startswith("ipx::add_register ")]
    arguments = [register.name for register in register_map.registers(TINY) if register.kind == "argument"]
    assert registers == ["CTRL", "GIER", "IP_IER", "IP_ISR", *arguments]


def test_verilog_is_lint_clean(tmp_path):
    lint_verilog(convert(top_design(TINY), "verilog", tmp_path))


@pytest.mark.slow
def test_u280(tmp_path):
    whole_kernel(U280, tmp_path)
