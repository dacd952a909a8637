# Packages the kernel as an IP core with the properties that Vitis asks of an RTL kernel (UG1393, "RTL Kernels").

# hdl: directory of the HDL; out: where the project and the core (out/ip) go; freq: MHz. config.tcl has been sourced.
proc package_kernel {hdl out part freq} {
    global kernel_name kernel_files kernel_top_file kernel_masters
    set ip [file join $out ip]

    create_project -force kernel_pack [file join $out kernel_pack] -part $part
    # Vivado takes a list of paths, and a pattern to find a file, in which a directory's name may have any character.
    foreach file $kernel_files {
        add_files -norecurse [list [file join $hdl $file]]
        set_property FILE_TYPE {VHDL 2008} [get_files $file]
    }
    # Vitis wants the top in VHDL-93.
    add_files -norecurse [list [file join $hdl $kernel_top_file]]
    set_property FILE_TYPE VHDL [get_files $kernel_top_file]
    set_property top $kernel_name [current_fileset]
    update_compile_order -fileset sources_1

    ipx::package_project -root_dir $ip -vendor myhdl-acc -library kernel -taxonomy /KernelIP -import_files \
        -set_current false
    ipx::unload_core [file join $ip component.xml]
    ipx::edit_ip_in_project -upgrade true -name kernel_edit -directory [file join $out kernel_edit] \
        [file join $ip component.xml]
    set core [ipx::current_core]
    set_property core_revision 1 $core
    foreach parameter [ipx::get_user_parameters -of_objects $core] {
        ipx::remove_user_parameter [get_property name $parameter] $core
    }

    set busses [concat s_axi_control $kernel_masters]
    foreach name [concat ap_clk ap_rst_n interrupt $busses] {
        if {[llength [ipx::get_bus_interfaces -quiet $name -of_objects $core]] != 1} {
            error "Vivado has not inferred the interface $name from $kernel_top_file"
        }
    }
    associate_clock $core $busses $freq
    foreach name $kernel_masters {
        describe_master $core $name
    }
    describe_registers $core

    set_property sdx_kernel true $core
    set_property sdx_kernel_type rtl $core
    set_property vitis_drc {ctrl_protocol ap_ctrl_hs} $core
    set_property ipi_drc {ignore_freq_hz true} $core
    set_property xpm_libraries {XPM_CDC XPM_MEMORY XPM_FIFO} $core
    set_property supported_families {} $core
    set_property auto_family_support_level level_2 $core

    ipx::create_xgui_files $core
    ipx::update_checksums $core
    ipx::check_integrity -kernel $core
    ipx::save_core $core
    close_project -delete
}

# All busses run on ap_clk, which ap_rst_n resets.
proc associate_clock {core busses freq} {
    foreach name $busses {
        ipx::associate_bus_interfaces -busif $name -clock ap_clk $core
    }
    ipx::associate_bus_interfaces -clock ap_clk -reset ap_rst_n $core
    set clock [ipx::get_bus_interfaces ap_clk -of_objects $core]
    set parameter [ipx::add_bus_parameter -quiet FREQ_HZ $clock]
    set_property value [expr {$freq * 1000000}] $parameter
    # The platform's clock decides; a constant would make the link refuse every other one.
    set_property value_resolve_type user $parameter
}

# Vivado infers an aperture of 64K or 4G for a memory port, beyond which the link could not place the memory.
proc describe_master {core name} {
    foreach space [ipx::get_address_spaces -quiet $name -of_objects $core] {
        foreach segment [ipx::get_segments -quiet -of_objects $space] {
            ipx::remove_segment [get_property name $segment] $space
        }
    }
}

# The register map: the ap_ctrl_hs registers, then the kernel's arguments.
proc describe_registers {core} {
    global kernel_address_bits kernel_arguments
    foreach map [ipx::get_memory_maps -of_objects $core] {
        ipx::remove_memory_map [get_property name $map] $core
    }
    set map [ipx::add_memory_map s_axi_control $core]
    set_property slave_memory_map_ref s_axi_control [ipx::get_bus_interfaces s_axi_control -of_objects $core]
    set block [ipx::add_address_block reg0 $map]
    set_property range [expr {1 << $kernel_address_bits}] $block
    set_property width 32 $block

    set register [add_register $block CTRL 0x000 32 "Control and status"]
    add_field $register AP_START 0 read-write modified_write_value modify
    add_field $register AP_DONE 1 read-only read_action modify
    add_field $register AP_IDLE 2 read-only read_action modify
    add_field $register AP_READY 3 read-only read_action modify
    add_field $register AUTO_RESTART 7 read-write modified_write_value modify
    set register [add_register $block GIER 0x004 32 "Global interrupt enable"]
    add_field $register GIE 0 read-write modified_write_value modify
    set register [add_register $block IP_IER 0x008 32 "Interrupt enable"]
    add_field $register CHAN0_INT_EN 0 read-write modified_write_value modify
    add_field $register CHAN1_INT_EN 1 read-write modified_write_value modify
    set register [add_register $block IP_ISR 0x00c 32 "Interrupt status"]
    add_field $register CHAN0_INT_ST 0 read-write modified_write_value oneToToggle
    add_field $register CHAN1_INT_ST 1 read-write modified_write_value oneToToggle
    foreach argument $kernel_arguments {
        lassign $argument name offset bits port
        set register [add_register $block $name $offset $bits "Argument $name"]
        if {$port ne ""} {
            set parameter [ipx::add_register_parameter ASSOCIATED_BUSIF $register]
            set_property value $port $parameter
        }
    }
}

proc add_register {block name offset bits description} {
    set register [ipx::add_register $name $block]
    set_property description $description $register
    set_property address_offset $offset $register
    set_property size $bits $register
    return $register
}

# A field of one bit; `effect` is what reading (read_action) or writing (modified_write_value) does to it.
proc add_field {register name bit access action effect} {
    set field [ipx::add_field $name $register]
    set_property access $access $field
    set_property bit_offset $bit $field
    set_property bit_width 1 $field
    set_property $action $effect $field
}
