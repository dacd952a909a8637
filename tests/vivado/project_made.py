"""What Vivado must have been told of the block design: the assertions on what build_project.tcl makes."""

from kernel_made import MASTERS, check_registers, check_reports

LANES = [master[-2:] for master in MASTERS]
IP = "xilinx.com:ip:"
CELLS = {
    "clocks": "clk_wiz:6.0",
    "kernel_reset": "proc_sys_reset:5.0",
    "hbm_reset": "proc_sys_reset:5.0",
    "apb_reset": "proc_sys_reset:5.0",
    "refclk": "util_ds_buf:2.2",
    "host": "xdma:4.1",
    "hbm": "hbm:1.0",
    "cattrip": "util_vector_logic:2.0",
    "control": "smartconnect:1.0",
} | {
    f"{kind}_{lane}": ip
    for lane in LANES
    for kind, ip in (("slice", "axi_register_slice:2.1"), ("path", "smartconnect:1.0"))
}
#: What drives which pins.
WIRES = {
    "clocks/clk_out1": ["kernel/ap_clk", "kernel_reset/slowest_sync_clk", "control/aclk1"]
    + [f"{cell}_{lane}/aclk" for cell in ("slice", "path") for lane in LANES],
    "clocks/clk_out2": ["hbm_reset/slowest_sync_clk"]
    + [pin for lane in LANES for pin in (f"path_{lane}/aclk1", f"hbm/AXI_{lane}_ACLK")],
    "clocks/clk_out3": [
        "apb_reset/slowest_sync_clk",
        "hbm/HBM_REF_CLK_0",
        "hbm/HBM_REF_CLK_1",
        "hbm/APB_0_PCLK",
        "hbm/APB_1_PCLK",
    ],
    "clocks/locked": [f"{name}_reset/dcm_locked" for name in ("kernel", "hbm", "apb")],
    "host/axi_aclk": ["control/aclk", "path_00/aclk2"],
    "host/axi_aresetn": ["control/aresetn"],
    "kernel_reset/peripheral_aresetn": ["kernel/ap_rst_n"]
    + [f"{cell}_{lane}/aresetn" for cell in ("slice", "path") for lane in LANES],
    "hbm_reset/peripheral_aresetn": [f"hbm/AXI_{lane}_ARESET_N" for lane in LANES],
    "apb_reset/peripheral_aresetn": ["hbm/APB_0_PRESET_N", "hbm/APB_1_PRESET_N"],
    "refclk/IBUF_OUT": ["host/sys_clk_gt"],
    "refclk/IBUF_DS_ODIV2": ["host/sys_clk"],
    "hbm/DRAM_0_STAT_CATTRIP": ["cattrip/Op1"],
    "hbm/DRAM_1_STAT_CATTRIP": ["cattrip/Op2"],
    "cattrip/Res": ["hbm_cattrip"],
    "pcie_perstn": ["host/sys_rst_n"] + [f"{name}_reset/ext_reset_in" for name in ("kernel", "hbm", "apb")],
}
BUSSES = {
    "host/M_AXI_LITE": "control/S00_AXI",
    "control/M00_AXI": "kernel/s_axi_control",
    "host/M_AXI": "path_00/S01_AXI",
    "sysclk": "clocks/CLK_IN1_D",
    "pcie_refclk": "refclk/CLK_IN_D",
    "host/pcie_mgt": "pcie",
} | {
    a.format(lane): b.format(lane)
    for lane in LANES
    for a, b in (
        ("kernel/m_axi_{}", "slice_{}/S_AXI"),
        ("slice_{}/M_AXI", "path_{}/S00_AXI"),
        ("path_{}/M00_AXI", "hbm/SAXI_{}"),
    )
}


def check_project(run, hdl, out, freq=225, jobs=2):
    """The packaged core in its catalog, the block design, the wrapper with the card's pins."""
    check_registers(run)
    state = run.made["state"]
    assert (run.code, run.err, state["threads"]) == (0, "", str(jobs))
    assert (run.made["projects"], state["closed"]) == (["project"], "kernel_edit 1 kernel_pack 0")
    assert state["directory"] == str(out / "project")
    (clock,) = run.objects("bus_parameter")
    assert clock["value"] == f"{freq}000000"
    (project,) = run.objects("project", name="project")
    assert project["ip_repo_paths"] == f"{{{out / 'ip'}}}"
    check_cells(run, freq)
    check_wires(run)
    assert state["validated"] == state["bd_saved"] == "1" and state["bd"] == "system"
    (fileset,) = run.objects("fileset")
    assert fileset["top"] == "system_wrapper" and state["constraints"].endswith("/u280.xdc")
    assert state["ordered"].count("system") == 2 and "u280.xdc" in state["ordered"]


def check_cells(run, freq):
    cells = {row["name"]: row for row in run.objects("bd_cell")}
    kernel = cells.pop("kernel")
    assert kernel["vlnv"] == "myhdl-acc:kernel:myhdl_acc_kernel:1.0"
    assert {name: row["vlnv"].removeprefix(IP) for name, row in cells.items()} == CELLS
    clocks = cells["clocks"]
    assert [clocks[f"CLKOUT{i}_REQUESTED_OUT_FREQ"] for i in (1, 2, 3)] == [str(freq), "450", "100"]
    assert (cells["path_00"]["NUM_SI"], cells["path_01"]["NUM_SI"], cells["control"]["NUM_SI"]) == ("2", "1", "1")
    assert [cells[name]["NUM_CLKS"] for name in ("path_00", "path_01", "control")] == ["3", "2", "2"]
    used = [name for name, value in cells["hbm"].items() if name.startswith("USER_SAXI") and value == "true"]
    assert used == [f"USER_SAXI_{lane}" for lane in LANES]
    assert (cells["hbm"]["USER_HBM_STACK"], cells["hbm"]["USER_AXI_CLK_FREQ"]) == ("2", "450")
    assert all(
        cells[f"slice_{lane}"][f"REG_{channel}"] == "15" for lane in LANES for channel in ("AR", "AW", "R", "W", "B")
    )
    assert cells["cattrip"]["C_OPERATION"] == "or" and cells["refclk"]["C_BUF_TYPE"] == "IBUFDSGTE"
    assert cells["host"]["axilite_master_en"] == "true" and cells["host"]["axi_data_width"] == "512_bit"


def check_wires(run):
    driven = {}
    for row in run.objects("bd_pin") + run.objects("bd_port"):
        if row["role"] != "driver":
            driven.setdefault(row["net"], set()).add(row["name"])
    assert driven == {driver: set(pins) for driver, pins in WIRES.items()}
    partners = {
        row["net"]: row["name"]
        for row in run.objects("bd_intf_pin") + run.objects("bd_intf_port")
        if row["role"] == "slave"
    }
    assert partners == BUSSES
    ports = {row["name"]: row for row in run.objects("bd_intf_port")}
    assert {name for name, row in ports.items() if row.get("config.freq_hz") == "100000000"} == {
        "pcie_refclk",
        "sysclk",
    }
    (reset,) = run.objects("bd_port", name="pcie_perstn")
    assert (reset["type"], reset["config.polarity"]) == ("rst", "ACTIVE_LOW")


def check_bitstream(run, hdl, out, freq=225, jobs=2, hook=True):
    """And its implementation."""
    check_project(run, hdl, out, freq, jobs)
    state = run.made["state"]
    assert state["launched"] == f"synth_1 {jobs} impl_1 {jobs}" and state["bitstream"] == "1"
    (implementation,) = run.objects("run", name="impl_1")
    assert implementation["progress"] == "100%"
    assert (implementation.get("steps.place_design.tcl.pre") == str(out / "floorplan_hook.tcl")) is hook
    check_reports(run, out, "implemented")
    assert (out / "routed.dcp").exists()
