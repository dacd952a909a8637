# From the block design to the bitstream.

# The wrapper as top, and the card's pins.
proc add_wrapper {} {
    global script_dir
    add_files -norecurse [list [make_wrapper -files [get_files system.bd] -top]]
    set_property top system_wrapper [current_fileset]
    add_files -norecurse -fileset constrs_1 [list [file join $script_dir u280.xdc]]
    update_compile_order -fileset sources_1
}

proc implement {out jobs} {
    set hook [file join $out floorplan_hook.tcl]
    if {[file exists $hook]} {
        set_property STEPS.PLACE_DESIGN.TCL.PRE $hook [get_runs impl_1]
    }
    run_to_end synth_1 $jobs
    run_to_end impl_1 $jobs -to_step write_bitstream
    open_run impl_1
    write_reports $out
    write_checkpoint -force [file join $out routed.dcp]
}

proc run_to_end {name jobs args} {
    launch_runs $name -jobs $jobs {*}$args
    wait_on_runs $name
    if {[get_property PROGRESS [get_runs $name]] ne "100%"} {
        error "$name has failed: [get_property STATUS [get_runs $name]]"
    }
}
