"""The TCL scripts, run from start to end under tclsh against a stub that knows only documented commands."""

import re
import shutil

import pytest

ROOT_SCRIPTS = ("build.tcl", "options.tcl", "package_kernel.tcl", "gen_xo.tcl", "synth_ooc.tcl")


def commands(tmp_path):
    return (tmp_path / "commands.log").read_text().splitlines()


def test_scripts_are_all_there(scripts):
    assert sorted(path.name for path in scripts.glob("*.tcl")) == sorted(ROOT_SCRIPTS)


def test_xo(run_vivado, scripts, hdl, tmp_path):
    process = run_vivado(scripts, "-hdl", hdl, "-out", tmp_path / "out")
    assert process.returncode == 0, process.stderr
    ran = commands(tmp_path)
    added = [line.split()[-1] for line in ran if line.startswith("add_files")]
    assert sorted(added) == sorted(map(str, hdl.glob("*.vhd")))
    clocked = [line.split()[2] for line in ran if line.startswith("ipx::associate_bus_interfaces -busif")]
    assert clocked == ["s_axi_control", "m_axi_00", "m_axi_01"]
    assert sum(line.startswith("ipx::remove_segment") for line in ran) == 2
    registers = [line.split()[1] for line in ran if line.startswith("ipx::add_register ")]
    assert registers == ["CTRL", "GIER", "IP_IER", "IP_ISR", "program", "watchdog", "m_axi_00", "m_axi_01"]
    assert any(line.startswith("set_property value 225000000") for line in ran)
    assert (tmp_path / "out" / "myhdl_acc_kernel.xo").read_text().splitlines() == [
        "myhdl_acc_kernel", "ap_clk ap_rst_n interrupt m_axi_00 m_axi_01 s_axi_control",
    ]  # fmt: skip
    names = [line.split()[0] for line in ran]
    assert names.index("ipx::check_integrity") < names.index("ipx::save_core") < names.index("package_xo")


def test_out_of_context(run_vivado, scripts, hdl, tmp_path):
    process = run_vivado(scripts, "-hdl", hdl, "-out", "out", "-step", "ooc", "-freq", "300", "-jobs", "4")
    assert process.returncode == 0, process.stderr
    out = tmp_path / "out"
    assert {"utilization.rpt", "timing.rpt", "myhdl_acc_kernel.dcp"} <= {path.name for path in out.iterdir()}
    ran = commands(tmp_path)
    assert "period 3.333" in ran and "set_param general.maxThreads 4" in ran
    assert [line for line in ran if line.startswith("read_vhdl")][-1].endswith("myhdl_acc_kernel.vhd")


@pytest.mark.parametrize(
    "arguments, message",
    [
        ([], "option -hdl is missing"),
        (["-hdl", "hdl"], "option -out is missing"),
        (["-hdl", "hdl", "-out"], "option -out needs a value"),
        (["-hdl", "hdl", "-out", "out", "-board", "u50"], "unknown option -board; there are -hdl, -out, -step"),
        (["-hdl", "hdl", "-out", "out", "-freq", "fast"], "-freq is fast, it must be a positive whole number"),
        (["-hdl", "hdl", "-out", "out", "-step", "bit"], "-step is bit, it must be xo or ooc"),
        (["-hdl", "nowhere", "-out", "out"], "config.tcl does not exist; run myhdl-acc convert --kernel first"),
    ],
)
def test_wrong_options(run_vivado, scripts, hdl, arguments, message):
    process = run_vivado(scripts, *arguments)
    assert process.returncode == 1
    assert process.stderr.startswith("ERROR: ") and message in process.stderr
    assert len(process.stderr.splitlines()) == 1


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
        # commands, options and values that Vivado does not know
        ("package_kernel.tcl", "ipx::save_core", "ipx::store_core"),
        ("package_kernel.tcl", "-import_files", "-import_all"),
        ("package_kernel.tcl", "sdx_kernel true", "sdx_kernel yes"),
        ("package_kernel.tcl", "sdx_kernel_type", "sdx_kind"),
        ("package_kernel.tcl", "address_offset", "offset"),
        ("package_kernel.tcl", "oneToToggle", "toggle"),
        ("gen_xo.tcl", "-xo_path", "-path"),
        ("synth_ooc.tcl", "out_of_context", "ooc"),
        # steps left out
        ("package_kernel.tcl", "-clock ap_clk -reset ap_rst_n", "-busif m_axi_00 -clock ap_clk"),
        ("package_kernel.tcl", "ipx::remove_segment", "list"),
        ("package_kernel.tcl", "ipx::unload_core", "list"),
        ("package_kernel.tcl", "ipx::update_checksums", "list"),
        ("package_kernel.tcl", "foreach name $busses", "foreach name s_axi_control"),
        ("package_kernel.tcl", "set_property vitis_drc", "list"),
        ("package_kernel.tcl", "set_property value $port", "list"),
        ("package_kernel.tcl", "set_property slave_memory_map_ref", "list"),
        ("package_kernel.tcl", "set_property FILE_TYPE VHDL ", "set_property FILE_TYPE {VHDL 2008} "),
    ],
)
def test_the_stub_is_strict(run_vivado, scripts, hdl, file, old, new):
    """Each damage to the scripts is noticed, so that the tests above mean something."""
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


def test_options_are_documented(scripts):
    """Every option in the header of build.tcl, with its default, and no other."""
    text = (scripts / "build.tcl").read_text()
    header = text.split("\n\n", 1)[0]
    documented = re.findall(r"^#   (-\w+) ", header, re.MULTILINE)
    table = re.search(r"parse_options \$argv \{(.*?)\}", text, re.DOTALL)[1].split()
    assert documented == table[::2]
    for name, default in zip(table[::2], table[1::2], strict=True):
        assert default == '""' or re.search(rf"^#   {name} .*(\n#  .*)*{re.escape(default)}", header, re.MULTILINE)


def test_every_script_is_sourced(scripts):
    build = (scripts / "build.tcl").read_text()
    assert all(name in build for name in ROOT_SCRIPTS[1:])
    assert shutil.which("tclsh")
