"""make xo and make kernel, with stubs in the place of Vivado and Vitis."""

import shutil
from pathlib import Path

import pytest
import vpp_stub

from myhdl_acc.rtl.kernel.floorplan import Plan, regions_tcl

ROOT = Path(__file__).parents[2]


def test_xo(run_make, tmp_path, hdl):
    process = run_make("xo", hdl)
    assert process.returncode == 0, process.stderr
    assert (tmp_path / "out" / "myhdl_acc_kernel.xo").exists()


@pytest.mark.parametrize("target", ["hw", "hw_emu"])
def test_kernel(run_make, tmp_path, hdl, target):
    process = run_make("kernel", hdl, f"TARGET={target}", "FREQ=200")
    assert process.returncode == 0, process.stderr
    out = tmp_path / "out"
    assert (out / f"myhdl_acc_kernel.{target}.xclbin").read_text() == "packaged\n"
    assert (out / "emconfig.json").exists() is (target == "hw_emu")


@pytest.mark.parametrize("target", ["hw", "hw_emu"])
def test_a_plan_is_applied(run_make, tmp_path, hdl, target):
    plan = Plan({"u_lane_stand_in0": 0}, [], {})
    (hdl / "regions.tcl").write_text(regions_tcl("stand_in", (plan, "made for a test")))
    process = run_make("kernel", hdl, f"TARGET={target}", out="two words")
    assert process.returncode == 0, process.stderr
    linked = (tmp_path / "two words" / f"myhdl_acc_kernel.{target}.link.xclbin").read_text()
    assert linked.endswith("by plan\n") is (target == "hw")


@pytest.mark.parametrize("name", ["two words", 'it\'s "a" b', "a[0] {b", "$HOME a$(b)", "a;b #c \\d"])
def test_any_path(run_make, tmp_path, hdl, name):
    checkout = tmp_path / name / "checkout"
    shutil.copytree(ROOT / "vivado", checkout / "vivado")
    shutil.copy(ROOT / "Makefile", checkout)
    process = run_make("kernel", hdl, root=checkout, out=f"{name}/out")
    assert process.returncode == 0, process.stderr
    assert (tmp_path / name / "out" / "myhdl_acc_kernel.hw.xclbin").read_text() == "packaged\n"


@pytest.mark.parametrize("variable", ["TARGET=sw_emu", "PLATFORM=xilinx_u50", "FREQ=0", "FREQ=fast", "JOBS=0"])
def test_wrong_variables(run_make, tmp_path, hdl, variable):
    assert run_make("kernel", hdl, variable).returncode != 0


@pytest.mark.parametrize(
    "old, new",
    [
        ("HBM[1]", "HBM[0]"),
        ("HBM[1]", "HBM[32]"),
        ("HBM[1]", "DDR[0]"),
        ("m_axi_01:", "m_axi_02:"),
        ("sp=myhdl_acc_kernel_1.m_axi_01", "sp=myhdl_acc_kernel_2.m_axi_01"),
        ("nk=myhdl_acc_kernel:1", "nk=other:1"),
        ("SLR0", "SLR3"),
        ("[connectivity]", "[connect]"),
        ("slr=", "place="),
    ],
)
def test_wrong_connectivity(run_make, tmp_path, hdl, old, new):
    text = (hdl / "kernel.cfg").read_text()
    assert old in text
    (hdl / "kernel.cfg").write_text(text.replace(old, new))
    process = run_make("kernel", hdl)
    assert process.returncode != 0 and "v++: " in process.stderr


def test_a_port_without_memory(run_make, tmp_path, hdl):
    lines = (hdl / "kernel.cfg").read_text().splitlines(keepends=True)
    (hdl / "kernel.cfg").write_text("".join(lines[:-1]))
    assert "a port without memory" in run_make("kernel", hdl).stderr


@pytest.mark.parametrize("arguments", [["--compile"], ["--link", "--optimise", "3"], ["--package", "--config", "x"]])
def test_the_stub_is_strict(arguments):
    with pytest.raises(vpp_stub.Refused):
        vpp_stub.main([*arguments, "--platform", vpp_stub.PLATFORM])
