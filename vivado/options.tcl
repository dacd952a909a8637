# Options of the scripts.

# The values of `-name value` pairs as a list for `array set`; `defaults` lists all names, with "" for a required one.
proc parse_options {arguments defaults} {
    array set values $defaults
    foreach {name value} $arguments {
        if {![info exists values($name)]} {
            error "unknown option $name; there are [join [dict keys $defaults] {, }]"
        }
        if {$value eq ""} {
            error "option $name needs a value"
        }
        set values($name) $value
    }
    foreach name [dict keys $defaults] {
        if {$values($name) eq ""} {
            error "option $name is missing"
        }
    }
    return [array get values]
}

proc require_number {name value} {
    if {![string is integer -strict $value] || $value <= 0} {
        error "$name is $value, it must be a positive whole number"
    }
}

proc require_file {path} {
    if {![file isfile $path]} {
        error "$path does not exist; run myhdl-acc convert --kernel first"
    }
}
