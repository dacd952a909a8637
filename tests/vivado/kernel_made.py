"""What Vivado must have been told of a kernel: the assertions on what build.tcl makes of the stand-in design."""

from pathlib import Path

PART = "xcu280-fsvh2892-2L-e"
MASTERS = ["m_axi_00", "m_axi_01"]
#: After "Building and Packaging an RTL kernel" of UG1393.
CORE = {
    "core_revision": "1",
    "sdx_kernel": "true",
    "sdx_kernel_type": "rtl",
    "vitis_drc": "ctrl_protocol ap_ctrl_hs",
    "ipi_drc": "ignore_freq_hz true",
    "xpm_libraries": "XPM_CDC XPM_MEMORY XPM_FIFO",
    "supported_families": "",
    "auto_family_support_level": "level_2",
}
#: Register: offset, bits, memory port; then the fields of the ap_ctrl_hs ones: bit, what writing or reading does.
REGISTERS = {
    "CTRL": ("0x000", "32", None),
    "GIER": ("0x004", "32", None),
    "IP_IER": ("0x008", "32", None),
    "IP_ISR": ("0x00c", "32", None),
    "program": ("0x010", "32", None),
    "watchdog": ("0x020", "32", None),
    "m_axi_00": ("0x040", "64", "m_axi_00"),
    "m_axi_01": ("0x048", "64", "m_axi_01"),
}
FIELDS = {
    "AP_START": ("CTRL", "0", "read-write", "modify"),
    "AP_DONE": ("CTRL", "1", "read-only", "modify"),
    "AP_IDLE": ("CTRL", "2", "read-only", "modify"),
    "AP_READY": ("CTRL", "3", "read-only", "modify"),
    "AUTO_RESTART": ("CTRL", "7", "read-write", "modify"),
    "GIE": ("GIER", "0", "read-write", "modify"),
    "CHAN0_INT_EN": ("IP_IER", "0", "read-write", "modify"),
    "CHAN1_INT_EN": ("IP_IER", "1", "read-write", "modify"),
    "CHAN0_INT_ST": ("IP_ISR", "0", "read-write", "oneToToggle"),
    "CHAN1_INT_ST": ("IP_ISR", "1", "read-write", "oneToToggle"),
}


def ended_well(run):
    assert (run.code, run.err) == (0, ""), run.err


def check_core(run, hdl, out, freq=225):
    """The packaged core: files, properties, interfaces, clock, registers."""
    ended_well(run)
    state = run.made["state"]
    files = {row["name"]: row["file_type"] for row in run.objects("file")}
    top = str(hdl / "myhdl_acc_kernel.vhd")
    assert files == {str(path): "VHDL" if str(path) == top else "VHDL 2008" for path in hdl.glob("*.vhd")}
    assert (state["part"], state["top"]) == (PART, "myhdl_acc_kernel")
    assert (state["vendor"], state["library"], state["taxonomy"]) == ("myhdl-acc", "kernel", "/KernelIP")
    assert state["imported"] == "1" and Path(state["component"]) == out / "ip" / "component.xml"
    assert Path(state["edited"]) == out / "kernel_edit" and (out / "kernel_pack" / "kernel_pack.xpr").exists()
    # The project in which the core was edited is gone; the one that holds the sources stays.
    assert (run.made["projects"], state["closed"]) == (["kernel_pack"], "kernel_edit 1")

    (core,) = run.objects("core")
    assert CORE.items() <= core.items() and not run.objects("user_parameter") and not run.objects("segment")
    busses = ["s_axi_control", *MASTERS]
    assert state["clocked"].split() == [word for bus in busses for word in (bus, "ap_clk")]
    assert state["reset"] == "ap_rst_n" and {"checksums", "checked", "saved"} <= state.keys()
    (clock,) = run.objects("bus_parameter")
    assert clock["parent"].endswith("/ap_clk")
    assert [clock[name] for name in ("name", "value", "value_resolve_type")] == ["FREQ_HZ", f"{freq}000000", "user"]


def check_registers(run):
    (memory_map,) = run.objects("memory_map")
    (control,) = run.objects("bus_interface", name="s_axi_control")
    assert memory_map["name"] == control["slave_memory_map_ref"] == "s_axi_control"
    (block,) = run.objects("address_block")
    assert [block[name] for name in ("name", "range", "width")] == ["reg0", "4096", "32"]
    found, fields = {}, {}
    for register in run.objects("register"):
        parameters = run.objects("register_parameter", parent=register["handle"])
        assert all(parameter["name"] == "ASSOCIATED_BUSIF" for parameter in parameters)
        port = parameters[0]["value"] if parameters else None
        found[register["name"]] = (register["address_offset"], register["size"], port)
        assert len(register["description"]) > 8
        for field in run.objects("field", parent=register["handle"]):
            writes = field["access"] == "read-write"
            assert field["bit_width"] == "1" and ("modified_write_value" in field) is writes
            effect = field["modified_write_value" if writes else "read_action"]
            fields[field["name"]] = (register["name"], field["bit_offset"], field["access"], effect)
    assert found == REGISTERS and fields == FIELDS


def check_xo(run, hdl, out, freq=225, jobs=2):
    check_core(run, hdl, out, freq)
    check_registers(run)
    assert run.made["state"]["threads"] == str(jobs)
    kernel, ports = (out / "myhdl_acc_kernel.xo").read_text().splitlines()
    assert (kernel, ports) == ("myhdl_acc_kernel", "ap_clk ap_rst_n interrupt m_axi_00 m_axi_01 s_axi_control")


REPORTS = {
    "resources.rpt": "report_utilization {}",
    "utilization.rpt": "report_utilization {-hierarchical 1}",
    "slr.rpt": "report_utilization {-slr 1}",
    "timing.rpt": "report_timing_summary {-max_paths 20}",
    "power.rpt": "report_power {}",
}


def check_reports(run, out, stage):
    """Each report is there, and of the design at this stage."""
    (reports,) = [run.made["state"]["reports"]]
    for name, command in REPORTS.items():
        assert f"{name} {{{command} {stage}}}" in reports and (out / name).exists()


def check_ooc(run, hdl, out, freq=225, jobs=2, stage="synthesised"):
    """Synthesis out of context: what was read, the clock, the reports."""
    ended_well(run)
    state = run.made["state"]
    read = dict(zip(*[iter(state["read"].split())] * 2, strict=True))
    assert read == {path.name: "01"[path.name != "myhdl_acc_kernel.vhd"] for path in hdl.glob("*.vhd")}
    assert (state["part"], state["threads"], state["period"]) == (PART, str(jobs), f"{1000 / freq:.3f}")
    assert (state["mode"], state["constrained"], state["hierarchy"]) == ("out_of_context", "out_of_context", "rebuilt")
    assert (out / "constraints.xdc").exists() and (out / "myhdl_acc_kernel.dcp").exists()
    check_reports(run, out, stage)


def check_floorplan(run, regions, prefix=""):
    """A soft pblock for each SLR, with all its cells."""
    rows = {"SLR0": "X0Y0:CLOCKREGION_X7Y3", "SLR1": "X0Y4:CLOCKREGION_X7Y7", "SLR2": "X0Y8:CLOCKREGION_X7Y11"}
    found = {row["name"]: row for row in run.objects("pblock")}
    assert sorted(found) == [f"pblock_kernel_{slr}" for slr in sorted(regions)]
    for slr, cells in regions.items():
        row = found[f"pblock_kernel_{slr}"]
        assert row["cells"].split() == [f"{prefix}{cell}" for cell in cells]
        assert (row["range"], row["is_soft"]) == (f"CLOCKREGION_{rows[slr]}", "true")


def check_refused(run, message):
    assert (run.code, run.err) == (1, f"ERROR: {message}\n"), run.err


def check_help(run, options):
    """Every option is in the answer, and the run has done nothing."""
    ended_well(run)
    lines = run.out.splitlines()
    assert [line.split()[0] for line in lines[2:]] == options and not run.commands
    assert lines[0].endswith(".") and lines[1] == "" and all(len(line.split()) > 3 for line in lines[2:])
    assert all(line.endswith(")") and "()" not in line for line in lines[2:] if "-step" not in line)
