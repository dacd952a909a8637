# The block design: the host's DMA and registers through XDMA, a path from each memory port to its pseudo-channel.
#
#   XDMA M_AXI_LITE → SmartConnect → kernel s_axi_control
#   kernel m_axi_NN → register slice → SmartConnect → HBM SAXI_NN     (XDMA M_AXI joins at 00; HBM's switch does the rest)
#
# The clock wizard gives the kernel's clock, 450 MHz for HBM's ports and 100 MHz for HBM. The host polls the kernel.

proc block_design {freq} {
    global kernel_masters
    create_bd_design system
    make_ports
    make_clocks $freq
    make_host
    make_hbm
    create_bd_cell -type ip -vlnv myhdl-acc:kernel:myhdl_acc_kernel:1.0 kernel
    wire clocks/clk_out1 kernel/ap_clk
    wire kernel_reset/peripheral_aresetn kernel/ap_rst_n

    make_connect control 1 host/axi_aclk clocks/clk_out1 host/axi_aresetn
    bus host/M_AXI_LITE control/S00_AXI
    bus control/M00_AXI kernel/s_axi_control
    foreach master $kernel_masters {
        make_path $master
    }
    # The host's DMA enters beside the first lane.
    wire host/axi_aclk path_00/aclk2
    bus host/M_AXI path_00/S01_AXI

    assign_bd_address
    validate_bd_design
    save_bd_design
}

proc make_cell {name vlnv properties} {
    set cell [create_bd_cell -type ip -vlnv xilinx.com:ip:$vlnv $name]
    if {[llength $properties]} {
        set_property -dict $properties $cell
    }
}

proc wire {from args} {
    foreach to $args {
        connect_bd_net [get_bd_pins $from] [get_bd_pins $to]
    }
}

proc bus {from to} {
    connect_bd_intf_net [get_bd_intf_pins $from] [get_bd_intf_pins $to]
}

proc make_ports {} {
    create_bd_intf_port -mode Master -vlnv xilinx.com:interface:pcie_7x_mgt_rtl:1.0 pcie
    foreach name {pcie_refclk sysclk} {
        set port [create_bd_intf_port -mode Slave -vlnv xilinx.com:interface:diff_clock_rtl:1.0 $name]
        set_property CONFIG.FREQ_HZ 100000000 $port
    }
    set port [create_bd_port -dir I -type rst pcie_perstn]
    set_property CONFIG.POLARITY ACTIVE_LOW $port
    create_bd_port -dir O hbm_cattrip
}

proc make_clocks {freq} {
    make_cell clocks clk_wiz:6.0 [list CONFIG.PRIM_SOURCE Differential_clock_capable_pin CONFIG.PRIM_IN_FREQ 100.000 \
        CONFIG.NUM_OUT_CLKS 3 CONFIG.CLKOUT1_REQUESTED_OUT_FREQ $freq \
        CONFIG.CLKOUT2_USED true CONFIG.CLKOUT2_REQUESTED_OUT_FREQ 450 \
        CONFIG.CLKOUT3_USED true CONFIG.CLKOUT3_REQUESTED_OUT_FREQ 100 CONFIG.USE_RESET false]
    connect_bd_intf_net [get_bd_intf_ports sysclk] [get_bd_intf_pins clocks/CLK_IN1_D]
    foreach {name clock} {kernel_reset clk_out1 hbm_reset clk_out2 apb_reset clk_out3} {
        make_cell $name proc_sys_reset:5.0 {}
        wire clocks/$clock $name/slowest_sync_clk
        wire clocks/locked $name/dcm_locked
        connect_bd_net [get_bd_ports pcie_perstn] [get_bd_pins $name/ext_reset_in]
    }
}

proc make_host {} {
    make_cell refclk util_ds_buf:2.2 {CONFIG.C_BUF_TYPE IBUFDSGTE}
    connect_bd_intf_net [get_bd_intf_ports pcie_refclk] [get_bd_intf_pins refclk/CLK_IN_D]
    make_cell host xdma:4.1 {CONFIG.pl_link_cap_max_link_width X16 CONFIG.pl_link_cap_max_link_speed 8.0_GT/s
        CONFIG.pcie_blk_locn PCIE4C_X1Y0 CONFIG.select_quad GTY_Quad_227 CONFIG.axi_data_width 512_bit
        CONFIG.axisten_freq 250 CONFIG.axilite_master_en true CONFIG.axilite_master_size 64
        CONFIG.axilite_master_scale Kilobytes CONFIG.xdma_num_usr_irq 1}
    wire refclk/IBUF_OUT host/sys_clk_gt
    wire refclk/IBUF_DS_ODIV2 host/sys_clk
    connect_bd_net [get_bd_ports pcie_perstn] [get_bd_pins host/sys_rst_n]
    connect_bd_intf_net [get_bd_intf_ports pcie] [get_bd_intf_pins host/pcie_mgt]
}

# Both stacks; a port of HBM for each memory port of the kernel.
proc make_hbm {} {
    global kernel_masters
    set properties {CONFIG.USER_HBM_STACK 2 CONFIG.USER_HBM_DENSITY 8GB CONFIG.USER_SWITCH_ENABLE_01 TRUE
        CONFIG.USER_APB_EN false CONFIG.USER_AXI_CLK_FREQ 450 CONFIG.USER_AXI_CLK1_FREQ 450}
    for {set port 0} {$port < 32} {incr port} {
        set used [expr {$port < [llength $kernel_masters]}]
        lappend properties [format CONFIG.USER_SAXI_%02d $port] [expr {$used ? "true" : "false"}]
    }
    make_cell hbm hbm:1.0 $properties
    make_cell cattrip util_vector_logic:2.0 {CONFIG.C_SIZE 1 CONFIG.C_OPERATION or}
    foreach stack {0 1} {
        wire clocks/clk_out3 hbm/HBM_REF_CLK_$stack hbm/APB_${stack}_PCLK
        wire apb_reset/peripheral_aresetn hbm/APB_${stack}_PRESET_N
    }
    wire hbm/DRAM_0_STAT_CATTRIP cattrip/Op1
    wire hbm/DRAM_1_STAT_CATTRIP cattrip/Op2
    connect_bd_net [get_bd_pins cattrip/Res] [get_bd_ports hbm_cattrip]
}

# A SmartConnect from the clock of its masters to that of its slave.
proc make_connect {name masters from to reset} {
    make_cell $name smartconnect:1.0 [list CONFIG.NUM_SI $masters CONFIG.NUM_MI 1 CONFIG.NUM_CLKS [expr {$masters + 1}]]
    wire $from $name/aclk
    wire $to $name/aclk1
    wire $reset $name/aresetn
}

proc make_path {master} {
    set number [string range $master end-1 end]
    make_cell slice_$number axi_register_slice:2.1 {CONFIG.REG_AR 15 CONFIG.REG_AW 15 CONFIG.REG_R 15 CONFIG.REG_W 15
        CONFIG.REG_B 15}
    wire clocks/clk_out1 slice_$number/aclk
    wire kernel_reset/peripheral_aresetn slice_$number/aresetn
    set masters [expr {$number eq "00" ? 2 : 1}]
    make_connect path_$number $masters clocks/clk_out1 clocks/clk_out2 kernel_reset/peripheral_aresetn
    bus kernel/$master slice_$number/S_AXI
    bus slice_$number/M_AXI path_$number/S00_AXI
    bus path_$number/M00_AXI hbm/SAXI_$number
    wire clocks/clk_out2 hbm/AXI_${number}_ACLK
    wire hbm_reset/peripheral_aresetn hbm/AXI_${number}_ARESET_N
}
