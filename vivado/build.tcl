# Makes a Vitis kernel (.xo) of the converted accelerator, or synthesises it out of context. Vivado 2023.1.
#
#   myhdl-acc convert --kernel --config u280 -o build/kernel
#   vivado -mode batch -source vivado/build.tcl -tclargs -hdl build/kernel -out build/vivado
#
# Options after -tclargs:
#   -hdl DIR    what `myhdl-acc convert --kernel` wrote: HDL, config.tcl, kernel.cfg   (required)
#   -out DIR    where projects, reports and the kernel go; made if need be              (required)
#   -step STEP  xo: package the kernel, DIR/myhdl_acc_kernel.xo                         (default)
#               ooc: synthesise the kernel out of context and report utilisation and timing; needs no Vitis
#   -part PART  device                                              (default xcu280-fsvh2892-2L-e)
#   -freq MHZ   clock that the kernel asks for, and the target of ooc                   (default 225)
#   -jobs N     processor threads that Vivado may use                                   (default 2)
#
# An unknown option, a missing file or an interface that Vivado does not infer ends the run with exit code 1.

set script_dir [file dirname [file normalize [info script]]]
source [file join $script_dir options.tcl]
source [file join $script_dir package_kernel.tcl]
source [file join $script_dir gen_xo.tcl]
source [file join $script_dir synth_ooc.tcl]

if {[catch {
    array set option [parse_options $argv {
        -hdl ""
        -out ""
        -step xo
        -part xcu280-fsvh2892-2L-e
        -freq 225
        -jobs 2
    }]
    require_number -freq $option(-freq)
    require_number -jobs $option(-jobs)
    set hdl [file normalize $option(-hdl)]
    set out [file normalize $option(-out)]
    set config [file join $hdl config.tcl]
    require_file $config
    source $config
    require_file [file join $hdl $kernel_top_file]
    foreach file $kernel_files {
        require_file [file join $hdl $file]
    }
    file mkdir $out
    set_param general.maxThreads $option(-jobs)
    switch -- $option(-step) {
        xo {
            package_kernel $hdl $out $option(-part) $option(-freq)
            gen_xo $out
        }
        ooc {
            synth_ooc $hdl $out $option(-part) $option(-freq)
        }
        default {
            error "-step is $option(-step), it must be xo or ooc"
        }
    }
} message]} {
    puts stderr "ERROR: $message"
    exit 1
}
exit 0
