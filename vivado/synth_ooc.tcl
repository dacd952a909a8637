# Synthesises the kernel out of context, and places and routes it if asked to: the clock that it reaches by itself.

proc synth_ooc {hdl out part freq} {
    global kernel_name kernel_files kernel_top_file
    create_project -in_memory -part $part
    foreach file $kernel_files {
        read_vhdl -vhdl2008 [list [file join $hdl $file]]
    }
    read_vhdl [list [file join $hdl $kernel_top_file]]
    set constraints [file join $out constraints.xdc]
    write_constraints $constraints $freq
    read_xdc -mode out_of_context [list $constraints]

    # The hierarchy stays, for the reports and for the floorplan.
    synth_design -top $kernel_name -part $part -mode out_of_context -flatten_hierarchy rebuilt
}

proc route_ooc {} {
    apply_floorplan
    opt_design
    place_design
    phys_opt_design
    route_design
}
