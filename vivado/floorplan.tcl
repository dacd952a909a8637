# Applies the plan of regions.tcl (`myhdl-acc convert --kernel` decides it) to a synthesised design.

# Each SLR of the xcu280: 8 × 4 clock regions.
set slr_ranges {
    SLR0 CLOCKREGION_X0Y0:CLOCKREGION_X7Y3
    SLR1 CLOCKREGION_X0Y4:CLOCKREGION_X7Y7
    SLR2 CLOCKREGION_X0Y8:CLOCKREGION_X7Y11
}

# Binds the planned cells to a pblock for each SLR. It is soft: the placer may move a cell out that does not fit.
proc apply_floorplan {} {
    global kernel_regions slr_ranges
    set prefix [kernel_prefix]
    dict for {slr cells} $kernel_regions {
        # Vitis platforms have a pblock for each SLR, without what is theirs.
        set block [get_pblocks -quiet pblock_dynamic_$slr]
        if {$block eq ""} {
            set block [create_pblock pblock_kernel_$slr]
            resize_pblock -add [dict get $slr_ranges $slr] $block
            set_property IS_SOFT true $block
        }
        set found {}
        foreach cell $cells {
            set one [get_cells -quiet $prefix$cell]
            if {[llength $one] != 1} {
                error "the design has no cell $prefix$cell"
            }
            lappend found $one
        }
        add_cells_to_pblock $block $found
    }
}

# What stands before the names of the kernel's cells: nothing where the kernel is the whole design.
proc kernel_prefix {} {
    global kernel_name
    set found [get_cells -quiet -hierarchical -filter "REF_NAME == $kernel_name || ORIG_REF_NAME == $kernel_name"]
    switch -- [llength $found] {
        0 {
            return ""
        }
        1 {
            return [get_property NAME $found]/
        }
        default {
            error "the design has [llength $found] kernels"
        }
    }
}

# Writes out/floorplan_hook.tcl, which the implementation sources before it places; not for a kernel without a plan.
proc write_floorplan_hook {hdl out} {
    global kernel_regions script_dir
    set hook [file join $out floorplan_hook.tcl]
    file delete $hook
    if {[dict size $kernel_regions]} {
        set channel [open $hook w]
        foreach file [list [file join $hdl config.tcl] [file join $hdl regions.tcl] [file join $script_dir floorplan.tcl]] {
            puts $channel [list source $file]
        }
        puts $channel apply_floorplan
        close $channel
    }
}
