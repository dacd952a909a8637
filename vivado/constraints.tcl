# Timing constraints of the kernel out of context; in the card's design the platform or the clock wizard gives the clock.
# There is one clock, and ap_rst_n is synchronous to it: so there are no false paths, and no crossings to constrain.

proc write_constraints {path freq} {
    set period [format %.3f [expr {1000.0 / $freq}]]
    set channel [open $path w]
    puts $channel "create_clock -name ap_clk -period $period \[get_ports ap_clk\]"
    # Without a clock buffer in the design, the skew is taken from where one would be.
    puts $channel "set_property HD.CLK_SRC BUFGCE_X0Y0 \[get_ports ap_clk\]"
    close $channel
}
