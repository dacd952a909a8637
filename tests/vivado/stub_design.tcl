# Part of the Vivado stub: a synthesised design, its cells, pblocks, implementation and reports.
#
# The design is the hierarchy of the VHDL files that were read. A checkpoint of the stub has lines: the kernel's top, what
# stands before its cells' names, the files.

namespace eval stub {
    variable design {}  ;# {top prefix {file …}} of the open one
}

proc stub::require_design {command} {
    variable design
    if {$design eq ""} {
        error "$command: no open design"
    }
}

proc stub::contents {path} {
    set channel [open $path]
    set text [read $channel]
    close $channel
    return $text
}

# The entity of an instance: of "u_a/u_b" below the entity `top`; "" if there is none.
proc stub::instance_of {path top} {
    variable design
    foreach label [split $path /] {
        set file [lsearch -inline [lindex $design 2] */$top.vhd]
        if {$file eq ""} {
            return ""
        }
        set text [regsub -all -line -- {--.*$} [contents $file] ""]
        if {![regexp -line "^\\s*$label\\s*:\\s*(?:entity\\s+work\\.)?(\\w+)\\s*\$" $text -> top]} {
            return ""
        }
    }
    return $top
}

proc stub::run_read_xdc {call} {
    variable state
    require_project
    lassign [lindex [dict get $call ""] 0] path
    if {[option $call -mode] ni {{} default out_of_context}} {
        error "read_xdc: -mode"
    }
    set expected {^create_clock -name ap_clk -period (\d+\.\d+) \[get_ports ap_clk\]\n}
    append expected {set_property HD.CLK_SRC BUFGCE_X0Y0 \[get_ports ap_clk\]\n$}
    if {![regexp $expected [contents $path] -> period]} {
        error "read_xdc: '[contents $path]'"
    }
    note "period $period"
    dict set state period $period
    dict set state constrained [option $call -mode]
}

proc stub::run_synth_design {call} {
    variable state
    variable design
    need $call synth_design -top -part
    if {[option $call -mode default] ni {default out_of_context}
        || [option $call -flatten_hierarchy rebuilt] ni {full none rebuilt}} {
        error "synth_design: wrong value"
    }
    set top [dict get $call -top]
    if {[dict get $state read $top.vhd]} {
        error "synth_design: the top must be VHDL-93"
    }
    if {[dict get $call -part] ne [dict get $state part]} {
        error "synth_design: another part"
    }
    dict set state mode [option $call -mode default]
    dict set state hierarchy [option $call -flatten_hierarchy rebuilt]
    set design [list $top "" [dict get $state paths]]
    dict set state stage synthesised
}

proc stub::run_write_checkpoint {call} {
    variable design
    require_design write_checkpoint
    set path [lindex [dict get $call ""] 0]
    if {[file exists $path] && ![dict exists $call -force]} {
        error "write_checkpoint: $path exists"
    }
    set channel [open $path w]
    puts $channel [join $design \n]
    close $channel
}

proc stub::run_open_checkpoint {call} {
    variable design
    variable state
    set path [lindex [dict get $call ""] 0 0]
    set design [split [string trimright [contents $path] \n] \n]
    dict set state stage opened
}

proc stub::run_close_design {call} {
    variable design
    variable state
    require_design close_design
    set design {}
    dict set state design closed
}

proc stub::run_get_cells {call} {
    variable design
    require_design get_cells
    lassign $design top prefix
    if {[dict exists $call -filter]} {
        set reference "REF_NAME == $top || ORIG_REF_NAME == $top"
        if {![dict exists $call -hierarchical] || [dict get $call -filter] ne $reference} {
            error "get_cells: -filter"
        }
        return [lmap one $prefix {cell [string trimright $one /]}]
    }
    lassign [dict get $call ""] name
    if {[string equal -length [string length $prefix] $prefix $name] && [instance_of [string range $name [string length $prefix] end] $top] ne ""} {
        return [list [cell $name]]
    }
    if {![dict exists $call -quiet]} {
        error "get_cells: no cell $name"
    }
}

proc stub::cell {name} {
    set found [find cell "" $name]
    return [expr {[llength $found] ? [lindex $found 0] : [make cell $name ""]}]
}

proc stub::run_get_pblocks {call} {
    set found [find pblock "" [lindex [dict get $call ""] 0]]
    if {![llength $found] && ![dict exists $call -quiet]} {
        error "get_pblocks: none"
    }
    return $found
}

proc stub::run_create_pblock {call} {
    require_design create_pblock
    return [make pblock [lindex [dict get $call ""] 0] "" {range "" cells ""}]
}

proc stub::change {handle property value} {
    variable objects
    set object [dict get $objects $handle]
    dict set objects $handle [lreplace $object 3 3 [dict replace [lindex $object 3] $property $value]]
}

proc stub::run_resize_pblock {call} {
    set block [lindex [dict get $call ""] 0]
    require_kind $block pblock
    need $call resize_pblock -add
    if {![regexp {^CLOCKREGION_X(\d)Y(\d+):CLOCKREGION_X(\d)Y(\d+)$} [dict get $call -add] -> left low right high]
        || $left > $right || $low > $high || $right > 7 || $high > 11} {
        error "resize_pblock: [dict get $call -add]"
    }
    change $block range [dict get $call -add]
}

proc stub::run_add_cells_to_pblock {call} {
    lassign [dict get $call ""] block cells
    require_kind $block pblock
    set names [get $block cells]
    foreach cell $cells {
        require_kind $cell cell
        lappend names [get $cell name]
    }
    change $block cells $names
}

# opt_design and so on, each after the one before.
proc stub::stage {before after} {
    variable state
    require_design $after
    if {[dict get $state stage] ne $before} {
        error "the design is [dict get $state stage], not $before"
    }
    dict set state stage $after
}

proc stub::run_opt_design {call} { stage synthesised optimised }
proc stub::run_place_design {call} { stage optimised placed }
proc stub::run_phys_opt_design {call} { stage placed improved }
proc stub::run_route_design {call} { stage improved routed }

proc stub::report {call command} {
    variable state
    require_design $command
    need $call $command -file
    dict set state reports [file tail [dict get $call -file]] [list $command [dict remove $call "" -file] [dict get $state stage]]
    close [open [dict get $call -file] w]
}

proc stub::run_report_utilization {call} { report $call report_utilization }
proc stub::run_report_timing_summary {call} { report $call report_timing_summary }
proc stub::run_report_power {call} { report $call report_power }
