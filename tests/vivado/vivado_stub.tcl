# Stands in for Vivado under tclsh: vivado_stub.tcl -mode batch [-nojournal] [-log FILE] -source SCRIPT [-tclargs …].
#
# Knows the commands of vivado_commands.tcl only, checks their options and values, keeps the objects that they make, and
# finds the bus interfaces in the ports of the VHDL top. Writes a line per command to $VIVADO_STUB_LOG, and what the
# script has made, at its end, to $VIVADO_STUB_STATE as JSON.

set stub_dir [file dirname [file normalize [info script]]]
source [file join $stub_dir vivado_commands.tcl]

namespace eval stub {
    variable objects [dict create]  ;# handle -> {kind name parent properties}
    variable projects {}            ;# the open ones, the current one last
    variable core ""
    variable files {}
    variable state [dict create]
    variable log ""
}

proc stub::note {line} {
    if {[info exists ::env(VIVADO_STUB_LOG)]} {
        set channel [open $::env(VIVADO_STUB_LOG) a]
        puts $channel $line
        close $channel
    }
}

proc stub::quoted {text} {
    return "\"[string map {\\ \\\\ \" \\\" \n \\n \t \\t} $text]\""
}

# {"objects": [{"kind": ..., "parent": ..., PROPERTY: VALUE, ...}], "state": {FACT: VALUE}, "projects": [...]}
proc stub::write_state {} {
    variable objects
    variable state
    variable projects
    if {![info exists ::env(VIVADO_STUB_STATE)]} {
        return
    }
    set rows {}
    dict for {handle object} $objects {
        lassign $object kind name parent properties
        lappend rows [fields [dict merge $properties [dict create handle $handle kind $kind parent $parent]]]
    }
    set channel [open $::env(VIVADO_STUB_STATE) w]
    set projects_json [join [lmap project $projects {quoted $project}] ", "]
    puts $channel "{\"objects\": \[[join $rows ", "]\], \"state\": [fields $state], \"projects\": \[$projects_json\]}"
    close $channel
}

proc stub::fields {values} {
    set pairs {}
    dict for {name value} $values {
        lappend pairs "[quoted $name]: [quoted $value]"
    }
    return "{[join $pairs ", "]}"
}

rename exit stub::leave
proc exit {{code 0}} {
    if {$code == 0} {
        stub::write_state
    }
    stub::leave $code
}

# Checks a call against the specification; returns a dict: option -> value, switch -> 1, "" -> other arguments.
proc stub::parse {command arguments} {
    lassign [dict get $::commands $command] switches options least most
    set result [dict create "" {}]
    for {set i 0} {$i < [llength $arguments]} {incr i} {
        set word [lindex $arguments $i]
        if {$word in $switches} {
            dict set result $word 1
        } elseif {$word in $options} {
            incr i
            if {$i == [llength $arguments]} {
                error "$command: $word needs a value"
            }
            dict set result $word [lindex $arguments $i]
        } elseif {[string match -* $word]} {
            error "$command: unknown option $word"
        } else {
            dict lappend result "" $word
        }
    }
    set count [llength [dict get $result ""]]
    if {$count < $least || $count > $most} {
        error "$command: $count arguments, it takes $least to $most"
    }
    return $result
}

foreach command [dict keys $commands] {
    if {[string match ipx::* $command]} {
        namespace eval ipx {}
    }
    proc ::$command args [format {
        stub::note [concat [list %1$s] $args]
        return [stub::run_%2$s [stub::parse %1$s $args]]
    } [list $command] [string map {:: _} $command]]
}

proc stub::option {call name {default ""}} {
    return [expr {[dict exists $call $name] ? [dict get $call $name] : $default}]
}

proc stub::need {call command args} {
    foreach name $args {
        if {[option $call $name] eq ""} {
            error "$command: $name is missing"
        }
    }
}

# Objects

proc stub::make {kind name parent {properties {}}} {
    variable objects
    set handle "$kind:$parent/$name"
    if {[dict exists $objects $handle]} {
        error "there is a $kind $name already"
    }
    dict set objects $handle [list $kind $name $parent [dict create name $name {*}$properties]]
    return $handle
}

proc stub::kind {handle} {
    variable objects
    if {![dict exists $objects $handle]} {
        error "no such object: '$handle'"
    }
    return [lindex [dict get $objects $handle] 0]
}

proc stub::require_kind {handle kind} {
    if {[kind $handle] ne $kind} {
        error "$handle is a [kind $handle], not a $kind"
    }
}

proc stub::find {kind parent {name *}} {
    variable objects
    set found {}
    dict for {handle object} $objects {
        if {[lindex $object 0] eq $kind && [lindex $object 2] eq $parent && [string match $name [lindex $object 1]]} {
            lappend found $handle
        }
    }
    return $found
}

proc stub::forget {handle} {
    variable objects
    foreach other [dict keys $objects] {
        if {$other eq $handle || [lindex [dict get $objects $other] 2] eq $handle} {
            dict unset objects $other
        }
    }
}

proc stub::get {handle property} {
    variable objects
    return [dict get [lindex [dict get $objects $handle] 3] $property]
}

# A list getter of the packager: [pattern] -of_objects PARENT.
proc stub::getter {call command kind parent_kind} {
    need $call $command -of_objects
    set parent [dict get $call -of_objects]
    require_kind $parent $parent_kind
    set pattern [lindex [dict get $call ""] 0]
    set found [find $kind $parent [expr {$pattern eq "" ? "*" : $pattern}]]
    if {![llength $found] && ![dict exists $call -quiet]} {
        error "$command: nothing found for '$pattern'"
    }
    return $found
}

proc stub::maker {call kind parent_kind} {
    lassign [dict get $call ""] name parent
    require_kind $parent $parent_kind
    return [make $kind $name $parent]
}

proc stub::remover {call kind} {
    lassign [dict get $call ""] name parent
    set found [find $kind $parent $name]
    if {[llength $found] != 1} {
        error "no $kind $name in $parent"
    }
    forget [lindex $found 0]
}

proc stub::require_core {handle} {
    variable core
    if {$core eq "" || $handle ne $core} {
        error "'$handle' is not the open core"
    }
}

proc stub::require_project {} {
    variable projects
    if {![llength $projects]} {
        error "no open project"
    }
}

# Projects and files

proc stub::run_create_project {call} {
    variable projects
    need $call create_project -part
    variable state
    if {[dict get $call -part] ne "xcu280-fsvh2892-2L-e"} {
        error "create_project: unknown part [dict get $call -part]"
    }
    dict set state part [dict get $call -part]
    if {[dict exists $call -in_memory]} {
        lappend projects in_memory
        return
    }
    lassign [dict get $call ""] name directory
    if {$directory eq ""} {
        error "create_project: a directory is missing"
    }
    if {[file exists [file join $directory $name.xpr]] && ![dict exists $call -force]} {
        error "create_project: $directory has a project already"
    }
    file mkdir $directory
    close [open [file join $directory $name.xpr] w]
    lappend projects $name
    dict set state directory $directory
    # What another project had is gone from sight.
    foreach handle [concat [find file ""] [find fileset ""]] {
        forget $handle
    }
    make fileset sources_1 ""
}

proc stub::run_close_project {call} {
    variable projects
    variable state
    require_project
    dict lappend state closed [lindex $projects end] [dict exists $call -delete]
    set projects [lrange $projects 0 end-1]
}

proc stub::run_current_fileset {call} {
    require_project
    return [find fileset ""]
}

proc stub::run_add_files {call} {
    require_project
    foreach path [lindex [dict get $call ""] 0] {
        if {![file isfile $path]} {
            error "add_files: $path does not exist"
        }
        make file $path ""
        if {[option $call -fileset sources_1] eq "constrs_1"} {
            dict set ::stub::state constraints $path
        }
    }
}

proc stub::run_get_files {call} {
    require_project
    set found {}
    foreach pattern [lindex [dict get $call ""] 0] {
        lappend found {*}[find file "" */$pattern]
    }
    if {![llength $found]} {
        error "get_files: no file matches [dict get $call {}]"
    }
    return $found
}

proc stub::run_update_compile_order {call} {
    require_project
    variable state
    if {[option $call -fileset] ni {sources_1 sim_1}} {
        error "update_compile_order: no fileset [option $call -fileset]"
    }
    dict set state ordered [find file ""]
}

proc stub::run_set_property {call} {
    variable objects
    if {[dict exists $call -dict]} {
        configure [lindex [dict get $call ""] 0] [dict get $call -dict]
        return
    }
    lassign [dict get $call ""] name value handle
    if {![dict exists $objects $handle]} {
        lassign $handle handle  ;# a list of one object
    }
    set name [string tolower $name]
    set kind [kind $handle]
    set known [dict get $::properties $kind]
    if {![dict exists $known $name]} {
        error "set_property: a $kind has no property $name"
    }
    set allowed [dict get $known $name]
    if {[string index $allowed 0] eq "="} {
        set fits [regexp [string range $allowed 1 end] $value]
    } else {
        set fits [expr {[string trim $value] in $allowed}]
    }
    if {!$fits} {
        error "set_property: '$value' is no value of the $kind property $name"
    }
    set object [dict get $objects $handle]
    dict set objects $handle [lreplace $object 3 3 [dict replace [lindex $object 3] $name $value]]
}

proc stub::run_get_property {call} {
    lassign [dict get $call ""] name handle
    if {![dict exists [dict get $::properties [kind $handle]] [string tolower $name]]} {
        error "get_property: a [kind $handle] has no property $name"
    }
    return [get $handle [string tolower $name]]
}

proc stub::run_set_param {call} {
    lassign [dict get $call ""] name value
    if {$name ne "general.maxThreads" || ![string is integer -strict $value] || $value < 1 || $value > 32} {
        error "set_param: $name $value"
    }
    dict set ::stub::state threads $value
}

# The packager

proc stub::run_ipx_package_project {call} {
    variable state
    need $call ipx::package_project -root_dir -vendor -library -taxonomy
    if {![dict exists $state ordered] || [dict get $state ordered] ne [find file ""]} {
        error "ipx::package_project: the order of the files is not up to date"
    }
    if {![string match /* [dict get $call -taxonomy]] || [option $call -set_current true] ni {true false}} {
        error "ipx::package_project: wrong value"
    }
    foreach name {vendor library taxonomy} {
        dict set state $name [dict get $call -$name]
    }
    dict set state imported [dict exists $call -import_files]
    set top [get [find fileset ""] top]
    set tops {}
    foreach file [find file ""] {
        if {[vhdl_ports [get $file name] $top] ne ""} {
            lappend tops $file
        }
    }
    if {[llength $tops] != 1} {
        error "ipx::package_project: [llength $tops] files have the top $top"
    }
    if {[get [lindex $tops 0] file_type] ne "VHDL"} {
        error "ipx::package_project: the top must be VHDL-93"
    }
    dict set state ports [vhdl_ports [get [lindex $tops 0] name] $top]
    dict set state top $top
    set root [dict get $call -root_dir]
    file mkdir $root
    close [open [file join $root component.xml] w]
    dict set state component [file join $root component.xml]
    dict set state loaded 1
}

proc stub::require_component {path} {
    variable state
    if {![dict exists $state component] || $path ne [dict get $state component]} {
        error "no component $path"
    }
}

proc stub::run_ipx_unload_core {call} {
    variable state
    require_component [lindex [dict get $call ""] 0]
    dict set state loaded 0
}

proc stub::run_ipx_edit_ip_in_project {call} {
    variable state
    variable projects
    variable core
    need $call ipx::edit_ip_in_project -name -directory -upgrade
    require_component [lindex [dict get $call ""] 0]
    if {[dict get $state loaded]} {
        error "ipx::edit_ip_in_project: the core is still loaded"
    }
    if {[dict get $call -upgrade] ne "true"} {
        error "ipx::edit_ip_in_project: -upgrade"
    }
    file mkdir [dict get $call -directory]
    dict set state edited [dict get $call -directory]
    lappend projects [dict get $call -name]
    set core [make core [dict get $state top] ""]
    infer $core
}

proc stub::run_ipx_current_core {call} {
    variable core
    if {$core eq ""} {
        error "ipx::current_core: there is none"
    }
    return $core
}

# The ports of an entity in a VHDL file: name -> {mode width}, width 0 for a std_logic; "" if it is not there.
proc stub::vhdl_ports {path entity} {
    set channel [open $path]
    set text [regsub -all -line -- {--.*$} [read $channel] ""]
    close $channel
    if {![regexp -nocase -indices "entity\\s+$entity\\s+is\\s+port\\s*\\(" $text start]} {
        return ""
    }
    set body [string range $text [lindex $start 1]+1 end]
    set body [string range $body 0 [string first "end entity" $body]-1]
    set body [string range $body 0 [string last ")" $body]-1]
    set ports [dict create]
    foreach declaration [split $body ";"] {
        if {![regexp -nocase {^\s*(\w+)\s*:\s*(in|out)\s+(.*?)\s*$} $declaration -> name mode type]} {
            error "$path: '[string trim $declaration]' is not a port"
        }
        if {$type eq "std_logic"} {
            dict set ports $name [list $mode 0]
        } elseif {[regexp {^std_logic_vector\((\d+) downto 0\)$} $type -> high]} {
            dict set ports $name [list $mode [expr {$high + 1}]]
        } else {
            error "$path: port $name is a $type"
        }
    }
    return $ports
}

# Signals that make an AXI4 or AXI4-Lite interface of a prefix: name, mode at the master, width (0: one bit, *: any).
set stub::full {
    araddr out 64 arlen out 8 arsize out 3 arburst out 2 arcache out 4 arprot out 3 arvalid out 0 arready in 0
    rdata in * rresp in 2 rlast in 0 rvalid in 0 rready out 0
    awaddr out 64 awlen out 8 awsize out 3 awburst out 2 awcache out 4 awprot out 3 awvalid out 0 awready in 0
    wdata out * wstrb out * wlast out 0 wvalid out 0 wready in 0 bresp in 2 bvalid in 0 bready out 0
}
set stub::lite {
    araddr in * arvalid in 0 arready out 0 rdata out 32 rresp out 2 rvalid out 0 rready in 0
    awaddr in * awvalid in 0 awready out 0 wdata in 32 wstrb in 4 wvalid in 0 wready out 0
    bresp out 2 bvalid out 0 bready in 0
}

# Bus interfaces, address spaces and memory maps as Vivado infers them from the ports.
proc stub::infer {core} {
    variable state
    variable full
    variable lite
    set ports [dict get $state ports]
    set prefixes {}
    foreach name [dict keys $ports] {
        if {[regexp {^(.*)_(ar|aw|r|w|b)[a-z]+$} $name -> prefix]} {
            dict set prefixes $prefix 1
        } elseif {$name in {ap_clk ap_rst_n interrupt}} {
            make bus_interface $name $core
        } else {
            error "port $name belongs to no interface"
        }
    }
    foreach prefix [dict keys $prefixes] {
        set signals [expr {[string match m_* $prefix] ? $full : $lite}]
        set mine [lsearch -all -inline [dict keys $ports] ${prefix}_*]
        if {[llength $mine] != [llength $signals] / 3} {
            error "$prefix has [llength $mine] signals"
        }
        foreach {signal mode width} $signals {
            if {![dict exists $ports ${prefix}_$signal]} {
                error "$prefix has no $signal"
            }
            lassign [dict get $ports ${prefix}_$signal] found_mode found_width
            if {$found_mode ne $mode || ($width ne "*" && $found_width != $width)} {
                error "${prefix}_$signal is $found_mode of $found_width bits"
            }
        }
        set bits [lindex [dict get $ports ${prefix}_wdata] 1]
        if {[lindex [dict get $ports ${prefix}_rdata] 1] != $bits || [lindex [dict get $ports ${prefix}_wstrb] 1] != $bits / 8} {
            error "$prefix: data and strobes do not fit"
        }
        make bus_interface $prefix $core
        if {[string match m_* $prefix]} {
            make segment $prefix:APERTURE_0 [make address_space $prefix $core]
        } else {
            make memory_map $prefix $core
        }
    }
    make user_parameter C_INFERRED $core
}

proc stub::run_ipx_get_user_parameters {call} { getter $call ipx::get_user_parameters user_parameter core }
proc stub::run_ipx_remove_user_parameter {call} { remover $call user_parameter }
proc stub::run_ipx_get_bus_interfaces {call} { getter $call ipx::get_bus_interfaces bus_interface core }
proc stub::run_ipx_add_bus_parameter {call} { maker $call bus_parameter bus_interface }
proc stub::run_ipx_get_address_spaces {call} { getter $call ipx::get_address_spaces address_space core }
proc stub::run_ipx_get_segments {call} { getter $call ipx::get_segments segment address_space }
proc stub::run_ipx_remove_segment {call} { remover $call segment }
proc stub::run_ipx_get_memory_maps {call} { getter $call ipx::get_memory_maps memory_map core }
proc stub::run_ipx_remove_memory_map {call} { remover $call memory_map }
proc stub::run_ipx_add_memory_map {call} { maker $call memory_map core }
proc stub::run_ipx_add_address_block {call} { maker $call address_block memory_map }
proc stub::run_ipx_add_register {call} { maker $call register address_block }
proc stub::run_ipx_add_register_parameter {call} { maker $call register_parameter register }
proc stub::run_ipx_add_field {call} { maker $call field register }

proc stub::run_ipx_associate_bus_interfaces {call} {
    variable state
    set core [lindex [dict get $call ""] 0]
    require_core $core
    need $call ipx::associate_bus_interfaces -clock
    foreach name {-busif -clock -reset} {
        set bus [option $call $name]
        if {$bus ne "" && ![llength [find bus_interface $core $bus]]} {
            error "ipx::associate_bus_interfaces: no interface $bus"
        }
    }
    if {[option $call -busif] ne ""} {
        dict set state clocked [option $call -busif] [option $call -clock]
    } else {
        need $call ipx::associate_bus_interfaces -reset
        dict set state reset [option $call -reset]
    }
}

proc stub::run_ipx_create_xgui_files {call} {
    variable state
    require_core [lindex [dict get $call ""] 0]
    dict set state xgui 1
}

proc stub::run_ipx_update_checksums {call} {
    variable state
    require_core [lindex [dict get $call ""] 0]
    dict set state checksums 1
}

# What Vitis asks of a kernel.
proc stub::run_ipx_check_integrity {call} {
    variable state
    set core [lindex [dict get $call ""] 0]
    require_core $core
    foreach property {sdx_kernel sdx_kernel_type vitis_drc ipi_drc xpm_libraries supported_families
        auto_family_support_level} {
        get $core $property
    }
    if {[dict get $state reset] ne "ap_rst_n" || ![dict exists $state checksums]} {
        error "ipx::check_integrity: no reset or no checksums"
    }
    foreach bus [find bus_interface $core] {
        set name [get $bus name]
        if {[string match *_axi_* $name] && [dict get $state clocked $name] ne "ap_clk"} {
            error "ipx::check_integrity: $name has no clock"
        }
    }
    foreach space [find address_space $core] {
        if {[llength [find segment $space]]} {
            error "ipx::check_integrity: [get $space name] still has an aperture"
        }
    }
    set map [get [find bus_interface $core s_axi_control] slave_memory_map_ref]
    set block [find address_block [find memory_map $core $map] reg0]
    set pointers {}
    set end 0
    foreach {name offset} {CTRL 0x000 GIER 0x004 IP_IER 0x008 IP_ISR 0x00c} {
        if {[get [find register $block $name] address_offset] != $offset} {
            error "ipx::check_integrity: $name is not at $offset"
        }
    }
    foreach register [find register $block] {
        if {[get $register address_offset] < $end} {
            error "ipx::check_integrity: register [get $register name] overlaps the one before"
        }
        set end [expr {[get $register address_offset] + [get $register size] / 8}]
        foreach parameter [find register_parameter $register] {
            if {[get $parameter name] ne "ASSOCIATED_BUSIF" || [get $register size] != 64} {
                error "ipx::check_integrity: [get $register name] is no pointer"
            }
            lappend pointers [get $parameter value]
        }
    }
    if {$end > [get $block range]} {
        error "ipx::check_integrity: registers beyond the address block"
    }
    set masters [lmap bus [find bus_interface $core m_axi_*] {get $bus name}]
    if {[lsort $pointers] ne [lsort $masters]} {
        error "ipx::check_integrity: pointers to $pointers, memory ports $masters"
    }
    dict set state checked 1
}

proc stub::run_ipx_save_core {call} {
    variable state
    require_core [lindex [dict get $call ""] 0]
    if {![dict exists $state checked] || ![dict exists $state xgui]} {
        error "ipx::save_core: the core has not been checked, or has no GUI"
    }
    dict set state saved 1
}

proc stub::run_package_xo {call} {
    variable state
    need $call package_xo -xo_path -kernel_name -ip_directory -ctrl_protocol
    if {![dict exists $state saved] || [dict get $call -ctrl_protocol] ne "ap_ctrl_hs"
        || [dict get $call -kernel_name] ne [dict get $state top]
        || [file join [dict get $call -ip_directory] component.xml] ne [dict get $state component]} {
        error "package_xo: no such kernel"
    }
    if {[file exists [dict get $call -xo_path]] && ![dict exists $call -force]} {
        error "package_xo: [dict get $call -xo_path] exists"
    }
    # The v++ stub reads from it which ports there are.
    set channel [open [dict get $call -xo_path] w]
    puts $channel [dict get $state top]
    puts $channel [lsort -unique [lmap name [dict keys [dict get $state ports]] {regsub {_(ar|aw|r|w|b)[a-z]+$} $name ""}]]
    close $channel
}

# Synthesis out of context

proc stub::run_read_vhdl {call} {
    variable state
    require_project
    foreach path [lindex [dict get $call ""] 0] {
        if {![file isfile $path]} {
            error "read_vhdl: $path does not exist"
        }
        dict set state read [file tail $path] [dict exists $call -vhdl2008]
        dict lappend state paths $path
    }
}

source [file join $stub_dir stub_design.tcl]
source [file join $stub_dir stub_block_design.tcl]

# The command line

set script ""
set arguments $argv
set argv {}
while {[llength $arguments]} {
    set arguments [lassign $arguments word]
    switch -- $word {
        -nojournal {}
        -mode - -log - -source {
            set arguments [lassign $arguments value]
            if {$word eq "-mode" && $value ne "batch"} {
                error "vivado: -mode $value"
            }
            if {$word eq "-source"} {
                set script $value
            }
        }
        -tclargs {
            set argv $arguments
            set arguments {}
        }
        default {
            error "vivado: unknown option $word"
        }
    }
}
set argc [llength $argv]
source $script
exit 0
