"""The TCL scripts, run as a user does under tclsh, against a stub that knows only documented commands."""

import shutil

import pytest
from kernel_designs import stand_in_design

from myhdl_acc.rtl.config import PRESETS
from myhdl_acc.rtl.kernel import write_kernel


def commands(tmp_path):
    return (tmp_path / "commands.log").read_text().splitlines()


def test_xo(run_vivado, scripts, hdl, tmp_path):
    process = run_vivado(scripts, "-hdl", hdl, "-out", tmp_path / "out")
    assert process.returncode == 0, process.stderr
    assert (tmp_path / "out" / "myhdl_acc_kernel.xo").exists()
    names = [line.split()[0] for line in commands(tmp_path)]
    assert names.index("ipx::check_integrity") < names.index("ipx::save_core") < names.index("package_xo")


def test_out_of_context(run_vivado, scripts, hdl, tmp_path):
    process = run_vivado(scripts, "-hdl", hdl, "-out", "out", "-step", "ooc", "-freq", "300", "-jobs", "4")
    assert process.returncode == 0, process.stderr
    ran = commands(tmp_path)
    assert "period 3.333" in ran and "set_param general.maxThreads 4" in ran
    assert [line for line in ran if line.startswith("read_vhdl")][-1].endswith("myhdl_acc_kernel.vhd")


def test_an_error_is_one_line(run_vivado, scripts, hdl):
    process = run_vivado(scripts, "-hdl", "nowhere", "-out", "out")
    assert process.returncode == 1 and len(process.stderr.splitlines()) == 1
    assert process.stderr.startswith("ERROR: ") and "config.tcl does not exist; run myhdl-acc" in process.stderr


@pytest.mark.parametrize("preset", PRESETS)
def test_every_preset_twice(many_runs, tmp_path, scripts, preset):
    """Its memory ports and registers, in a path with a space; the second run over the leftovers of the first."""
    from myhdl_acc.cli.top import kernel_registers

    config, hdl, out = PRESETS[preset], tmp_path / "a kernel" / "hdl", tmp_path / "a kernel" / "out"
    write_kernel(stand_in_design(config.lanes, config.beat_bits), config, kernel_registers, hdl)
    for _ in range(2):
        for script, step in (("build", "xo"), ("build", "route"), ("build_project", "bitstream")):
            given = ["-hdl", hdl, "-out", out, "-step", step]
            run = many_runs("-source", scripts / f"{script}.tcl", "-tclargs", *given)
            assert run.code == 0, run.err
    assert len(run.objects("bd_cell")) == 10 + 2 * config.lanes
    ports = (out / "myhdl_acc_kernel.xo").read_text().splitlines()[1].split()
    assert [port for port in ports if port.startswith("m_axi_")] == [f"m_axi_{i:02d}" for i in range(config.lanes)]


@pytest.mark.parametrize("step", ["xo", "ooc"])
@pytest.mark.parametrize("name", ["two words", 'it\'s "a" b', "a[0] {b", "$HOME a$(b)", "a;b #c \\d"])
def test_any_path(run_vivado, scripts, hdl, tmp_path, name, step):
    place = tmp_path / name
    place.mkdir()
    for source in (scripts, hdl):
        shutil.move(source, place / source.name)
    process = run_vivado(place / "scripts", "-hdl", place / "hdl", "-out", place / "out", "-step", step)
    assert process.returncode == 0, process.stderr
    assert (place / "out" / {"xo": "myhdl_acc_kernel.xo", "ooc": "myhdl_acc_kernel.dcp"}[step]).exists()


def test_missing_hdl(run_vivado, scripts, hdl):
    (hdl / "stand_in.vhd").unlink()
    process = run_vivado(scripts, "-hdl", hdl, "-out", "out")
    assert process.returncode == 1 and "stand_in.vhd does not exist" in process.stderr


@pytest.mark.parametrize(
    "file, old, new",
    [
        ("package_kernel.tcl", "sdx_kernel true", "sdx_kernel yes"),
        ("package_kernel.tcl", "oneToToggle", "toggle"),
        ("synth_ooc.tcl", "-mode out_of_context -flatten", "-mode ooc -flatten"),
        ("package_kernel.tcl", "-clock ap_clk -reset ap_rst_n", "-busif m_axi_00 -clock ap_clk"),
        ("package_kernel.tcl", "foreach name $busses", "foreach name s_axi_control"),
        ("package_kernel.tcl", "set_property FILE_TYPE VHDL ", "set_property FILE_TYPE {VHDL 2008} "),
    ],
)
def test_the_stub_is_strict(run_vivado, scripts, hdl, file, old, new):
    """Damages that test_mutants does not make."""
    text = (scripts / file).read_text()
    assert old in text
    (scripts / file).write_text(text.replace(old, new))
    step = "ooc" if file == "synth_ooc.tcl" else "xo"
    process = run_vivado(scripts, "-hdl", hdl, "-out", "out", "-step", step)
    assert process.returncode == 1, "the stub took it"
    assert process.stderr.startswith("ERROR: ")


WORD = "std_logic_vector"


@pytest.mark.parametrize(
    "old, new, message",
    [
        (f"m_axi_01_araddr : out {WORD}(63", f"m_axi_01_araddr : out {WORD}(31", "m_axi_01_araddr is out of 32 bits"),
        (f"m_axi_01_wstrb : out {WORD}(15 downto 0)", "m_axi_01_wextra : in std_logic", "m_axi_01 has no wstrb"),
        (f"m_axi_01_wstrb : out {WORD}(15", f"m_axi_01_wstrb : out {WORD}(7", "data and strobes do not fit"),
        ("m_axi_00_bvalid : in", "m_axi_00_bvalid : out", "m_axi_00_bvalid is out"),
        ("interrupt : out std_logic;", "irq : out std_logic;", "irq belongs to no interface"),
        ("entity myhdl_acc_kernel is", "entity other_kernel is", "0 files have the top"),
        (f"m_axi_00_rdata : in {WORD}", "m_axi_00_rdata : in unsigned", "is a unsigned"),
    ],
)
def test_ports_must_make_interfaces(run_vivado, scripts, hdl, old, new, message):
    refuse_changed(run_vivado, scripts, hdl, "myhdl_acc_kernel.vhd", old, new, message)


@pytest.mark.parametrize(
    "old, new, message",
    [
        ("    m_axi_01\n}", "    m_axi_01\n    m_axi_02\n}", "not inferred the interface m_axi_02"),
        ("{m_axi_01 0x048 64 {m_axi_01}}", "", "pointers to m_axi_00"),
        ("0x048", "0x044", "overlaps"),
        ("address_bits 12", "address_bits 6", "beyond the address block"),
    ],
)
def test_registers_must_fit(run_vivado, scripts, hdl, old, new, message):
    refuse_changed(run_vivado, scripts, hdl, "config.tcl", old, new, message)


def refuse_changed(run_vivado, scripts, hdl, file, old, new, message):
    text = (hdl / file).read_text()
    assert old in text
    (hdl / file).write_text(text.replace(old, new, 1))
    process = run_vivado(scripts, "-hdl", hdl, "-out", "out")
    assert process.returncode == 1 and message in process.stderr, process.stderr
