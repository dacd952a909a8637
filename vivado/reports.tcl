# Reports of the open design, for people and for `myhdl-acc reports`.

proc write_reports {out} {
    report_utilization -file [file join $out resources.rpt]
    report_utilization -hierarchical -file [file join $out utilization.rpt]
    report_utilization -slr -file [file join $out slr.rpt]
    report_timing_summary -max_paths 20 -file [file join $out timing.rpt]
    report_power -file [file join $out power.rpt]
}
