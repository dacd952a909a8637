"""What is written beside the HDL, and what is refused."""

import json

import pytest
from kernel_designs import registers, row, stand_in_design
from myhdl import Signal

from golden.errors import InputError
from myhdl_acc.cli.main import main
from myhdl_acc.hdl.record import Record
from myhdl_acc.hdl.stream import Array, Stream
from myhdl_acc.rtl.config import AcceleratorConfig
from myhdl_acc.rtl.control.records import axi_lite
from myhdl_acc.rtl.kernel import write_kernel
from myhdl_acc.rtl.kernel.axi import kernel_ports, memory_ports
from myhdl_acc.rtl.kernel.package import kernel_arguments, kernel_cfg

TINY = AcceleratorConfig.preset("tiny")
NO_STROBE = Record(**(axi_lite().members() | {"sink_w": Stream(data=32)}))


def test_files(tmp_path):
    report = write_kernel(stand_in_design(), TINY, registers, tmp_path)
    assert [file.name for file in report.files[1:]] == [
        "lane_stand_in_1.vhd", "lane_stand_in_2.vhd", "stand_in.vhd", "myhdl_acc_kernel.vhd",
        "config.tcl", "regions.tcl", "kernel.cfg",
    ]  # fmt: skip
    again = write_kernel(stand_in_design(), TINY, registers, tmp_path / "again")
    for one, two in zip(report.files, again.files, strict=True):
        assert one.read_bytes() == two.read_bytes()


def test_cfg():
    lines = kernel_cfg(["m_axi_00", "m_axi_01"], True).splitlines()
    assert lines[2:] == [
        "[connectivity]",
        "nk=myhdl_acc_kernel:1:myhdl_acc_kernel_1",
        "slr=myhdl_acc_kernel_1:SLR0",
        "sp=myhdl_acc_kernel_1.m_axi_00:HBM[0]",
        "sp=myhdl_acc_kernel_1.m_axi_01:HBM[1]",
    ]
    assert "slr=" not in kernel_cfg(["m_axi_00"], False)


@pytest.mark.parametrize("preset, placed", [("tiny", True), ("demo", True), ("u280", False)])
def test_placed_in_an_slr_only_if_it_fits(preset, placed, tmp_path):
    config = AcceleratorConfig.preset(preset)
    write_kernel(stand_in_design(config.lanes), config, registers, tmp_path)
    assert ("slr=" in (tmp_path / "kernel.cfg").read_text()) is placed


def test_arguments_are_sorted_and_checked():
    masters = ["m_axi_00"]
    pointer = row("m_axi_00", 0x40, 64, port="m_axi_00")
    rows = [pointer, row("program", 0x10), row("status", 0x14, kind="status")]
    assert [argument.name for argument in kernel_arguments(rows, masters)] == ["program", "m_axi_00"]
    for wrong, problem in [
        ([row("program", 0x10)], "pointers to nothing"),
        ([pointer, row("m_axi_01", 0x48, 64, port="m_axi_01")], "ports m_axi_00"),
        ([row("m_axi_00", 0x40, 32, port="m_axi_00")], "m_axi_00 of 32 bits"),
        ([pointer, row("early", 0x0C)], "early"),
        ([pointer, row("inside", 0x44)], "inside"),
        ([pointer, row("odd", 0x12)], "odd"),
    ]:
        with pytest.raises(InputError, match=problem):
            kernel_arguments(wrong, masters)


def bundle(lanes=2, **fields):
    return Array("ch", [Stream(**fields) for _ in range(lanes)])


@pytest.mark.parametrize(
    "change, problem",
    [
        ({"control": NO_STROBE}, "no input control_sink_w_strobe"),
        ({"source_ar": bundle(address=64)}, "no output source_ar_ch00_length"),
        ({"source_ar": bundle(address=65, length=8)}, "source_ar_ch00_address .* does not fit"),
        ({"sink_r": bundle(1, data=128, resp=2, last=1)}, "no input sink_r_ch01_valid"),
        ({"sink_r": bundle(data=128, resp=2, last=1, user=1)}, "nothing drives the input sink_r_ch00_user"),
        ({"source_ar": Signal(bool(0))}, "no memory ports"),
    ],
)
def test_missing_ports(change, problem):
    with pytest.raises(InputError, match=problem):
        kernel_ports(stand_in_design(**change))


def test_too_many_ports():
    assert memory_ports(stand_in_design(32))[-1] == "m_axi_31"
    with pytest.raises(InputError, match="33 memory ports"):
        memory_ports(stand_in_design(33))


def test_design_that_is_no_kernel_writes_nothing(tmp_path):
    with pytest.raises(InputError, match="no memory ports"):
        write_kernel(stand_in_design(source_ar=Signal(bool(0))), TINY, registers, tmp_path / "hdl")
    with pytest.raises(InputError, match="pointers to"):
        write_kernel(stand_in_design(1), TINY, registers, tmp_path / "hdl")
    assert not (tmp_path / "hdl").exists()


def test_directory_that_cannot_be_written(tmp_path):
    (tmp_path / "myhdl_acc_kernel.vhd").mkdir()
    with pytest.raises(InputError, match="cannot write"):
        write_kernel(stand_in_design(), TINY, registers, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["myhdl_acc_kernel.vhd"]


def test_command(tmp_path, monkeypatch, capsys):
    """``convert --kernel`` with the stand-in as the top."""
    monkeypatch.setattr("myhdl_acc.cli.top.top_design", lambda config: stand_in_design(config.lanes))
    monkeypatch.setattr("myhdl_acc.cli.top.kernel_registers", registers)
    directory = tmp_path / "hdl"
    assert main(["convert", "--kernel", "--config", "tiny", "-o", str(directory), "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["top"] == "myhdl_acc_kernel"
    assert sorted(report["files"]) == sorted(map(str, directory.iterdir()))


def test_kernel_is_vhdl(tmp_path, capsys):
    assert main(["convert", "--kernel", "--hdl", "verilog", "-o", str(tmp_path / "hdl")]) == 2
    assert "a kernel is VHDL" in capsys.readouterr().err
    assert not (tmp_path / "hdl").exists()
