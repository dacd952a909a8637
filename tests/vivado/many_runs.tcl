# Runs the Vivado stub again and again in one process, each time in an interpreter of its own: a run costs milliseconds.
# Reads a Tcl list of the stub's arguments per line; answers {exit code, what went to stderr, what went to stdout}.

set stub [file join [file dirname [file normalize [info script]]] vivado_stub.tcl]

# The first end counts: what the script does with the error is no longer of interest.
proc leave {code} {
    if {[lindex $::answer 0] eq ""} {
        lset ::answer 0 $code
    }
    return -code error "the script has ended"
}

proc said {place text} {
    if {[lindex $::answer 0] eq ""} {
        lset ::answer $place [lindex $::answer $place]$text\n
    }
}

while {[gets stdin arguments] >= 0} {
    set answer {{} {} {}}
    set child [interp create]
    interp limit $child command -value 2000000
    interp alias $child leave {} leave
    interp alias $child said {} said
    $child eval {
        rename exit {}
        proc exit {{code 0}} { ::leave $code }
        rename puts print
        proc puts args {
            switch -- [llength $args] {
                1 { ::said 2 [lindex $args 0] }
                2 {
                    if {[lindex $args 0] eq "stderr"} { ::said 1 [lindex $args 1] } else { print {*}$args }
                }
                default { print {*}$args }
            }
        }
    }
    $child eval [list set argv $arguments]
    $child eval [list set argv0 $stub]
    if {[catch {$child eval [list source $stub]} message] && [lindex $answer 0] eq ""} {
        # As Vivado does with an error that a script does not catch.
        set answer [list 1 "[lindex $answer 1]$message\n" [lindex $answer 2]]
    }
    interp delete $child
    puts [list {*}[lmap part $answer {binary encode hex [encoding convertto utf-8 $part]}]]
    flush stdout
}
