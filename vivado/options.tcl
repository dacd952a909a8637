# The options of all scripts, and their checks.

set script_dir [file dirname [file normalize [info script]]]

# name {default, "" where it must be given; kind of value; meaning}
set option_table {
    -hdl {"" path "what `myhdl-acc convert --kernel` wrote: HDL, config.tcl, kernel.cfg"}
    -out {"" path "where projects, reports and the kernel go; made if need be"}
    -checkpoint {"" path "an implemented design (.dcp)"}
    -part {xcu280-fsvh2892-2L-e text "device"}
    -freq {225 number "the kernel's clock in MHz: what it asks for, and what timing is checked against"}
    -jobs {2 number "processor threads that Vivado may use"}
}

# The options of a script as a list for `array set`. `steps`: what its -step may be, the default first, each with its
# meaning; {} for a script without. With -help it prints all of them and ends the run.
proc parse_options {arguments about names steps} {
    global option_table
    if {"-help" in $arguments} {
        puts [usage $about $names $steps]
        exit 0
    }
    set known $names
    if {[llength $steps]} {
        set values(-step) [lindex $steps 0]
        lappend known -step
    }
    foreach name $names {
        set values($name) [lindex [dict get $option_table $name] 0]
    }
    foreach {name value} $arguments {
        if {![info exists values($name)]} {
            error "unknown option $name; there are [join $known {, }]"
        }
        if {$value eq ""} {
            error "option $name needs a value"
        }
        set values($name) $value
    }
    foreach name $names {
        if {$values($name) eq ""} {
            error "option $name is missing"
        }
        switch -- [lindex [dict get $option_table $name] 1] {
            number {
                require_number $name $values($name)
            }
            path {
                set values($name) [file normalize $values($name)]
            }
        }
    }
    if {"-step" in $known && $values(-step) ni [dict keys $steps]} {
        error "-step is $values(-step), it must be [join [dict keys $steps] { or }]"
    }
    return [array get values]
}

proc usage {about names steps} {
    global option_table
    set lines [list $about ""]
    foreach name $names {
        lassign [dict get $option_table $name] default kind meaning
        lappend lines [format "  %-11s %-7s %s (%s)" $name $kind $meaning [expr {$default eq "" ? "required" : $default}]]
    }
    foreach {step meaning} $steps {
        lappend lines [format "  -step       %-7s %s" $step $meaning]
    }
    return [join $lines "\n"]
}

proc require_number {name value} {
    if {![string is integer -strict $value] || $value <= 0} {
        error "$name is $value, it must be a positive whole number"
    }
}

proc require_file {path {advice "run myhdl-acc convert --kernel first"}} {
    if {![file isfile $path]} {
        error "$path does not exist; $advice"
    }
}

# Sources what `convert --kernel` says of a kernel; all files that it names must be there.
proc load_config {hdl} {
    foreach file {config.tcl regions.tcl} {
        require_file [file join $hdl $file]
        uplevel #0 [list source [file join $hdl $file]]
    }
    global kernel_files kernel_top_file
    foreach file [concat $kernel_files $kernel_top_file] {
        require_file [file join $hdl $file]
    }
}

# Runs a script's body; an error ends the run with one line and exit code 1.
proc run_script {body} {
    if {[catch {uplevel #0 $body} message]} {
        puts stderr "ERROR: $message"
        exit 1
    }
}
