# Makes a Vitis kernel (.xo) of the converted accelerator, or builds it out of context. Vivado 2023.1.
#
#   myhdl-acc convert --kernel --config u280 -o build/kernel
#   vivado -mode batch -source vivado/build.tcl -tclargs -hdl build/kernel -out build/vivado
#   vivado -mode batch -source vivado/build.tcl -tclargs -help
#
# An unknown option, a missing file or an interface that Vivado does not infer ends the run with exit code 1.

source [file join [file dirname [file normalize [info script]]] options.tcl]
foreach script {package_kernel gen_xo constraints floorplan reports synth_ooc} {
    source [file join $script_dir $script.tcl]
}

run_script {
    array set option [parse_options $argv "Makes a Vitis kernel of the accelerator, or builds it out of context." {
        -hdl -out -part -freq -jobs
    } {
        xo "package the kernel: OUT/myhdl_acc_kernel.xo"
        ooc "synthesise the kernel out of context; needs no Vitis"
        route "and place and route it"
    }]
    load_config $option(-hdl)
    file mkdir $option(-out)
    set_param general.maxThreads $option(-jobs)
    if {$option(-step) eq "xo"} {
        package_kernel $option(-hdl) $option(-out) $option(-part) $option(-freq)
        gen_xo $option(-out)
        write_floorplan_hook $option(-hdl) $option(-out)
    } else {
        synth_ooc $option(-hdl) $option(-out) $option(-part) $option(-freq)
        if {$option(-step) eq "route"} {
            route_ooc
        }
        write_reports $option(-out)
        write_checkpoint -force [file join $option(-out) $kernel_name.dcp]
    }
}
