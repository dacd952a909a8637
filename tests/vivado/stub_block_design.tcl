# Part of the Vivado stub: the packager's core in a catalog, a block design of the vendor's IP, runs.
#
# Of an IP it knows the version that Vivado 2023.1 has, its pins and its documented parameters (PG195 xdma, PG276 hbm,
# PG065 clk_wiz, PG247 smartconnect, PG373 register slice, PG164 proc_sys_reset).

# IP: interfaces that are masters, slaves; pins that drive, clocks, other inputs; parameters with a pattern of values.
set catalog {
    clk_wiz:6.0 {{} {CLK_IN1_D} {clk_out1 clk_out2 clk_out3 locked} {} {}
        {PRIM_SOURCE ^Differential_clock_capable_pin$ PRIM_IN_FREQ ^100.000$ NUM_OUT_CLKS ^3$ CLKOUT1_REQUESTED_OUT_FREQ {^\d+$}
         CLKOUT2_USED ^true$ CLKOUT2_REQUESTED_OUT_FREQ {^450$} CLKOUT3_USED ^true$ CLKOUT3_REQUESTED_OUT_FREQ {^100$}
         USE_RESET ^false$}}
    proc_sys_reset:5.0 {{} {} {peripheral_aresetn} {slowest_sync_clk} {dcm_locked ext_reset_in} {}}
    util_ds_buf:2.2 {{} {CLK_IN_D} {IBUF_OUT IBUF_DS_ODIV2} {} {} {C_BUF_TYPE ^IBUFDSGTE$}}
    util_vector_logic:2.0 {{} {} {Res} {} {Op1 Op2} {C_SIZE ^1$ C_OPERATION ^(and|or|not|xor)$}}
    xdma:4.1 {{pcie_mgt M_AXI M_AXI_LITE} {} {axi_aclk axi_aresetn} {sys_clk sys_clk_gt} {sys_rst_n}
        {pl_link_cap_max_link_width ^X16$ pl_link_cap_max_link_speed {^8.0_GT/s$} pcie_blk_locn ^PCIE4C_X1Y0$
         select_quad ^GTY_Quad_227$ axi_data_width ^512_bit$ axisten_freq ^250$ axilite_master_en ^true$
         axilite_master_size ^64$ axilite_master_scale ^Kilobytes$ xdma_num_usr_irq ^1$}}
    smartconnect:1.0 {{M00_AXI} {S00_AXI S01_AXI} {} {aclk aclk1 aclk2} {aresetn} {NUM_SI ^[12]$ NUM_MI ^1$ NUM_CLKS ^[23]$}}
    axi_register_slice:2.1 {{M_AXI} {S_AXI} {} {aclk} {aresetn} {REG_AR {^(0|1|7|9|10|12|13|14|15|16)$}
        REG_AW {^(0|1|7|9|10|12|13|14|15|16)$} REG_R {^(0|1|7|9|10|12|13|14|15|16)$} REG_W {^(0|1|7|9|10|12|13|14|15|16)$}
        REG_B {^(0|1|7|9|10|12|13|14|15|16)$}}}
    hbm:1.0 {{} {} {DRAM_0_STAT_CATTRIP DRAM_1_STAT_CATTRIP} {HBM_REF_CLK_0 HBM_REF_CLK_1 APB_0_PCLK APB_1_PCLK}
        {APB_0_PRESET_N APB_1_PRESET_N}
        {USER_HBM_STACK ^2$ USER_HBM_DENSITY ^8GB$ USER_SWITCH_ENABLE_01 ^TRUE$ USER_APB_EN ^false$ USER_AXI_CLK_FREQ ^450$
         USER_AXI_CLK1_FREQ ^450$}}
}
for {set port 0} {$port < 32} {incr port} {
    set row [dict get $catalog hbm:1.0]
    lset row 5 [concat [lindex $row 5] [format {USER_SAXI_%02d {^(true|false)$}} $port]]
    dict set catalog hbm:1.0 $row
}

proc stub::run_current_project {call} {
    variable projects
    require_project
    set name [lindex $projects end]
    return [expr {[llength [find project "" $name]] ? [find project "" $name] : [make project $name ""]}]
}

proc stub::run_update_ip_catalog {call} {
    variable state
    set repository [lindex [get [run_current_project {}] ip_repo_paths] 0]
    if {![dict exists $state saved] || [dict get $state component] ne [file join $repository component.xml]} {
        error "update_ip_catalog: no core in $repository"
    }
    dict set state catalog 1
}

proc stub::run_create_bd_design {call} {
    variable state
    require_project
    dict set state bd [lindex [dict get $call ""] 0]
}

proc stub::require_bd {} {
    variable state
    if {![dict exists $state bd]} {
        error "no open block design"
    }
}

proc stub::pin {kind cell name role} { make $kind $cell/$name "" [list role $role net ""] }

proc stub::run_create_bd_cell {call} {
    variable state
    require_bd
    need $call create_bd_cell -type -vlnv
    set name [lindex [dict get $call ""] 0]
    set cell [make bd_cell $name "" [list vlnv [dict get $call -vlnv]]]
    if {[dict get $call -type] ne "ip"} {
        error "create_bd_cell: -type"
    }
    if {[dict get $call -vlnv] eq "myhdl-acc:kernel:[dict get $state top]:1.0" && [dict exists $state catalog]} {
        foreach bus [dict keys [dict get $state clocked]] {
            pin bd_intf_pin $name $bus [expr {[string match m_* $bus] ? "master" : "slave"}]
        }
        pin bd_pin $name ap_clk clock
        pin bd_pin $name ap_rst_n input
        return $cell
    }
    if {![regexp {^xilinx.com:ip:(.*)$} [dict get $call -vlnv] -> ip] || ![dict exists $::catalog $ip]} {
        error "create_bd_cell: no IP [dict get $call -vlnv]"
    }
    lassign [dict get $::catalog $ip] masters slaves drivers clocks inputs
    foreach {kind role names} [list bd_intf_pin master $masters bd_intf_pin slave $slaves bd_pin driver $drivers \
        bd_pin clock $clocks bd_pin input $inputs] {
        foreach each $names {
            pin $kind $name $each $role
        }
    }
    return $cell
}

# Parameters of an IP; those of HBM and SmartConnect decide which pins there are.
proc stub::configure {handle properties} {
    set cell [get $handle name]
    set ip [regsub {^xilinx.com:ip:} [get $handle vlnv] {}]
    set known [lindex [dict get $::catalog $ip] 5]
    foreach {name value} $properties {
        if {![regexp {^CONFIG\.(.*)$} $name -> name] || ![dict exists $known $name]} {
            error "set_property: $ip has no parameter $name"
        }
        if {![regexp [dict get $known $name] $value]} {
            error "set_property: '$value' is no value of $ip's $name"
        }
        change $handle $name $value
        if {[regexp {^USER_SAXI_(\d\d)$} $name -> number] && $value} {
            pin bd_intf_pin $cell SAXI_$number slave
            pin bd_pin $cell AXI_${number}_ACLK clock
            pin bd_pin $cell AXI_${number}_ARESET_N input
        }
        if {$name eq "NUM_SI" && $value == 1} {
            forget bd_intf_pin:/$cell/S01_AXI
        }
        if {$name eq "NUM_CLKS" && $value == 2} {
            forget bd_pin:/$cell/aclk2
        }
    }
}

proc stub::run_create_bd_intf_port {call} {
    require_bd
    need $call create_bd_intf_port -mode -vlnv
    set modes {xilinx.com:interface:pcie_7x_mgt_rtl:1.0 Master xilinx.com:interface:diff_clock_rtl:1.0 Slave}
    if {![dict exists $modes [dict get $call -vlnv]] || [dict get $modes [dict get $call -vlnv]] ne [dict get $call -mode]} {
        error "create_bd_intf_port: [dict get $call -mode] [dict get $call -vlnv]"
    }
    # Within the design, a port that is a slave to the outside is a master.
    set role [expr {[dict get $call -mode] eq "Master" ? "slave" : "master"}]
    return [make bd_intf_port [lindex [dict get $call ""] 0] "" [list role $role net "" vlnv [dict get $call -vlnv]]]
}

proc stub::run_create_bd_port {call} {
    require_bd
    need $call create_bd_port -dir
    if {[dict get $call -dir] ni {I O} || [option $call -type other] ni {rst clk other}} {
        error "create_bd_port: wrong value"
    }
    set role [expr {[dict get $call -dir] eq "I" ? "driver" : "input"}]
    return [make bd_port [lindex [dict get $call ""] 0] "" [list role $role net "" type [option $call -type other]]]
}

proc stub::bd_getter {kind call} {
    set found [find $kind "" [lindex [dict get $call ""] 0]]
    if {[llength $found] != 1} {
        error "get_${kind}s: no [dict get $call {}]"
    }
    return $found
}

proc stub::run_get_bd_pins {call} { bd_getter bd_pin $call }
proc stub::run_get_bd_ports {call} { bd_getter bd_port $call }
proc stub::run_get_bd_intf_pins {call} { bd_getter bd_intf_pin $call }
proc stub::run_get_bd_intf_ports {call} { bd_getter bd_intf_port $call }

# A net is called after what drives it.
proc stub::connect {command one two driver} {
    foreach {a b} [list $one $two $two $one] {
        if {[get $a role] eq $driver} {
            if {[get $b role] eq $driver || [get $b net] ne ""} {
                error "$command: [get $b name] is driven already"
            }
            change $b net [get $a name]
            change $a net [get $a name]
            return
        }
    }
    error "$command: nothing drives [get $one name] and [get $two name]"
}

proc stub::run_connect_bd_net {call} { connect connect_bd_net {*}[dict get $call ""] driver }

proc stub::run_connect_bd_intf_net {call} {
    lassign [dict get $call ""] one two
    if {[get $one net] ne "" || [get $two net] ne ""} {
        error "connect_bd_intf_net: an interface has one partner"
    }
    connect connect_bd_intf_net $one $two master
}

proc stub::run_assign_bd_address {call} {
    variable state
    require_bd
    dict set state addressed 1
}

# Everything is connected.
proc stub::run_validate_bd_design {call} {
    variable state
    if {![dict exists $state addressed]} {
        error "validate_bd_design: no addresses"
    }
    foreach kind {bd_pin bd_port bd_intf_pin bd_intf_port} {
        foreach handle [find $kind ""] {
            if {[get $handle net] eq "" && [get $handle role] ne "driver"} {
                error "validate_bd_design: [get $handle name] is connected to nothing"
            }
        }
    }
    dict set state validated 1
}

proc stub::run_save_bd_design {call} {
    variable state
    if {![dict exists $state validated]} {
        error "save_bd_design: not valid"
    }
    set name [dict get $state bd]
    make file [file join [dict get $state directory] $name.bd] ""
    dict set state bd_saved 1
}

proc stub::run_make_wrapper {call} {
    variable state
    need $call make_wrapper -files
    if {![dict exists $call -top] || ![dict exists $state bd_saved] || [kind [lindex [dict get $call -files] 0]] ne "file"} {
        error "make_wrapper: no block design"
    }
    set path [file join [dict get $state directory] [dict get $state bd]_wrapper.v]
    close [open $path w]
    return $path
}

proc stub::run_get_runs {call} {
    set name [lindex [dict get $call ""] 0]
    if {$name ni {synth_1 impl_1}} {
        error "get_runs: no $name"
    }
    return [expr {[llength [find run "" $name]] ? [find run "" $name] : [make run $name "" {progress 0% status {Not started}}]}]
}

proc stub::run_launch_runs {call} {
    variable state
    need $call launch_runs -jobs
    set run [run_get_runs $call]
    if {[option $call -to_step write_bitstream] ne "write_bitstream"} {
        error "launch_runs: -to_step"
    }
    if {[get $run name] eq "impl_1"} {
        if {[get [run_get_runs {"" synth_1}] progress] ne "100%"} {
            error "launch_runs: synth_1 is not complete"
        }
        dict set state bitstream [dict exists $call -to_step]
    } elseif {![string match */[get [find fileset ""] top].v [get [lindex [find file ""] end-1] name]]} {
        error "launch_runs: the top is in no file"
    }
    dict lappend state launched [get $run name] [dict get $call -jobs]
    change $run launched 1
}

proc stub::run_wait_on_runs {call} {
    variable fails  ;# a run that does not end well, set by a test
    set run [run_get_runs $call]
    if {[info exists fails] && [get $run name] eq $fails} {
        change $run status "place_design ERROR"
    } elseif {[get $run launched]} {
        change $run progress 100%
    }
}

proc stub::run_open_run {call} {
    variable state
    variable design
    set run [run_get_runs $call]
    if {[get $run progress] ne "100%"} {
        error "open_run: [get $run name] is not complete"
    }
    set design [list [dict get $state bd]_wrapper "" {}]
    dict set state stage implemented
}
