# Synthesises the kernel out of context: utilisation per entity, and timing before placement.

proc synth_ooc {hdl out part freq} {
    global kernel_name kernel_files kernel_top_file
    create_project -in_memory -part $part
    foreach file $kernel_files {
        read_vhdl -vhdl2008 [list [file join $hdl $file]]
    }
    read_vhdl [list [file join $hdl $kernel_top_file]]

    set constraints [file join $out clock.xdc]
    set channel [open $constraints w]
    puts $channel "create_clock -name ap_clk -period [format %.3f [expr {1000.0 / $freq}]] \[get_ports ap_clk\]"
    close $channel
    read_xdc [list $constraints]

    # The hierarchy stays readable in the reports and for a floorplan.
    synth_design -top $kernel_name -part $part -mode out_of_context -flatten_hierarchy rebuilt
    report_utilization -hierarchical -file [file join $out utilization.rpt]
    report_timing_summary -max_paths 20 -file [file join $out timing.rpt]
    write_checkpoint -force [file join $out $kernel_name.dcp]
}
