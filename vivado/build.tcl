# Makes a Vitis kernel (.xo) of the converted accelerator, or synthesises it out of context. Vivado 2023.1.
#
#   myhdl-acc convert --kernel --config u280 -o build/kernel
#   vivado -mode batch -source vivado/build.tcl -tclargs -hdl build/kernel -out build/vivado
#   vivado -mode batch -source vivado/build.tcl -tclargs -help
#
# An unknown option, a missing file or an interface that Vivado does not infer ends the run with exit code 1.

set script_dir [file dirname [file normalize [info script]]]
source [file join $script_dir options.tcl]
source [file join $script_dir package_kernel.tcl]
source [file join $script_dir gen_xo.tcl]
source [file join $script_dir synth_ooc.tcl]

if {[catch {
    array set option [parse_options $argv "Makes a Vitis kernel of the accelerator, or synthesises it out of context." {
        -hdl -out -part -freq -jobs
    } {
        xo "package the kernel: OUT/myhdl_acc_kernel.xo"
        ooc "synthesise the kernel out of context, report utilisation and timing; needs no Vitis"
    }]
    load_config $option(-hdl)
    file mkdir $option(-out)
    set_param general.maxThreads $option(-jobs)
    switch -- $option(-step) {
        xo {
            package_kernel $option(-hdl) $option(-out) $option(-part) $option(-freq)
            gen_xo $option(-out)
        }
        ooc {
            synth_ooc $option(-hdl) $option(-out) $option(-part) $option(-freq)
        }
    }
} message]} {
    puts stderr "ERROR: $message"
    exit 1
}
