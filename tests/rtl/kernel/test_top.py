"""The kernel's top: its ports, its language, and every wire of it."""

import random
import subprocess

import pytest
from kernel_designs import BEAT, registers, stand_in_design
from kernel_ports import declared_ports, expected_ports

from myhdl_acc.rtl.config import AcceleratorConfig
from myhdl_acc.rtl.kernel import KERNEL, write_kernel

CONFIG = AcceleratorConfig.preset("tiny")
LANES = 2


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    return write_kernel(stand_in_design(LANES), CONFIG, registers, tmp_path_factory.mktemp("kernel"))


def ghdl(step, *arguments, std="08", directory):
    command = ["ghdl", step, f"--std={std}", f"--workdir={directory}", *map(str, arguments)]
    done = subprocess.run(command, cwd=directory, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    return done


def test_ports(report):
    (top,) = [file for file in report.files if file.stem == KERNEL]
    assert declared_ports(top.read_text()) == expected_ports(LANES, BEAT)
    assert report.top == KERNEL


def test_top_alone_is_vhdl_93(report, tmp_path):
    (top,) = [file for file in report.files if file.stem == KERNEL]
    ghdl("-a", top, std="93", directory=tmp_path)


def vhdl_files(report):
    return [file for file in report.files if file.suffix == ".vhd"]


def test_elaborates_and_synthesises(report, tmp_path):
    ghdl("-a", *vhdl_files(report), directory=tmp_path)
    done = ghdl("--synth", KERNEL, directory=tmp_path)
    assert "latch" not in done.stderr and f"entity {KERNEL} is" in done.stdout


def outputs(i):
    """All outputs of the kernel in the cycle after the inputs ``i``: kernel_designs' functions and AXI's constants."""
    o = {
        "s_axi_control_awready": i["s_axi_control_bready"],
        "s_axi_control_wready": i["s_axi_control_rready"],
        "s_axi_control_bvalid": i["s_axi_control_awvalid"],
        "s_axi_control_bresp": i["s_axi_control_wstrb"] & 3,
        "s_axi_control_arready": i["s_axi_control_wvalid"],
        "s_axi_control_rvalid": i["s_axi_control_arvalid"],
        "s_axi_control_rdata": i["s_axi_control_wdata"] + i["s_axi_control_awaddr"] + i["s_axi_control_araddr"],
        "s_axi_control_rresp": i["s_axi_control_wstrb"] >> 2,
        "interrupt": i["s_axi_control_wdata"] & 1,
    }
    for lane in range(LANES):
        bus = f"m_axi_{lane:02d}_"
        data = i[bus + "rdata"]
        o |= {
            bus + "araddr": (data & (1 << 64) - 1) + lane,
            bus + "arlen": data >> 64 & 255,
            bus + "arvalid": i[bus + "rvalid"],
            bus + "rready": i[bus + "arready"],
            bus + "awaddr": data >> 64,
            bus + "awlen": (data >> 72 & 255) + i[bus + "bresp"],
            bus + "awvalid": i[bus + "rlast"],
            bus + "wdata": data + lane + i[bus + "rresp"],
            bus + "wlast": i[bus + "bvalid"],
            bus + "wvalid": i[bus + "awready"],
            bus + "bready": i[bus + "wready"],
            bus + "wstrb": (1 << BEAT // 8) - 1,
        }
        for channel in ("ar", "aw"):
            size = (BEAT // 8).bit_length() - 1
            o |= {bus + channel + "size": size, bus + channel + "burst": 1}
            o |= {bus + channel + "cache": 3, bus + channel + "prot": 0}
    return o


def literal(value, width):
    if width is None:
        return f"'{value}'"
    return f'"{value % (1 << width):0{width}b}"'


BENCH = """
library ieee;
use ieee.std_logic_1164.all;
entity bench is
end entity bench;
architecture test of bench is
{signals}
begin
    dut : entity work.{kernel} port map ({port_map});
    process
        procedure cycle is
        begin
            wait for 5 ns; ap_clk <= '1'; wait for 5 ns; ap_clk <= '0';
        end procedure;
    begin
        ap_rst_n <= '0';
        cycle; cycle; cycle;
{steps}
        report "finished" severity note;
        wait;
    end process;
end architecture test;
"""


def test_every_wire(report, tmp_path):
    """Random words on all inputs; all outputs are compared in every cycle, and reset clears and is active low."""
    ports = expected_ports(LANES, BEAT)
    inputs = {name: width for name, (mode, width) in ports.items() if mode == "in" and not name.startswith("ap_")}
    rng = random.Random(0)
    steps = []
    for number in range(40):
        # Small operands where the stand-in adds, as MyHDL checks ranges and this is about wires.
        values = {name: rng.getrandbits(width or 1) for name, width in inputs.items()}
        for name in values:
            if name.endswith(("rdata", "wdata")):
                values[name] &= ~(3 << ports[name][1] - 2)
        reset = number in (0, 20)
        steps.append(f"        ap_rst_n <= '{int(not reset)}'; cycle;")  # the reset's register
        steps += [f"        {name} <= {literal(value, inputs[name])};" for name, value in values.items()]
        steps.append("        cycle;")
        constant = ("size", "burst", "cache", "prot", "strb")
        for name, value in outputs(values).items():
            expected = literal(0 if reset and not name.endswith(constant) else value, ports[name][1])
            steps.append(f'        assert {name} = {expected} report "{number} {name}" severity failure;')
    text = BENCH.format(
        signals="\n".join(
            f"    signal {name} : std_logic{f'_vector({width - 1} downto 0)' if width else ''} := {literal(0, width)};"
            for name, (_, width) in ports.items()
        ),
        kernel=KERNEL,
        port_map=", ".join(f"{name} => {name}" for name in ports),
        steps="\n".join(steps),
    )
    assert {name for name, (mode, _) in ports.items() if mode == "out"} == outputs(values).keys()
    (tmp_path / "bench.vhd").write_text(text)
    ghdl("-a", *vhdl_files(report), "bench.vhd", directory=tmp_path)
    done = ghdl("--elab-run", "bench", directory=tmp_path)
    assert "finished" in done.stdout + done.stderr
