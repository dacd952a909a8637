# Builds the kernel for a U280 without Vitis: a block design with XDMA, HBM and clock wizard, down to the bitstream.
# Vivado 2023.1.
#
#   myhdl-acc convert --kernel --config u280 -o build/kernel
#   vivado -mode batch -source vivado/build_project.tcl -tclargs -hdl build/kernel -out build/vivado
#   vivado -mode batch -source vivado/build_project.tcl -tclargs -help

source [file join [file dirname [file normalize [info script]]] options.tcl]
foreach script {package_kernel floorplan reports block_design implement} {
    source [file join $script_dir $script.tcl]
}

run_script {
    array set option [parse_options $argv "Builds the kernel for a U280 without Vitis." {
        -hdl -out -part -freq -jobs
    } {
        bitstream "the block design, placed and routed, and its bitstream"
        project "the project with its block design, no more"
    }]
    load_config $option(-hdl)
    file mkdir $option(-out)
    set_param general.maxThreads $option(-jobs)
    package_kernel $option(-hdl) $option(-out) $option(-part) $option(-freq)
    close_project
    write_floorplan_hook $option(-hdl) $option(-out)
    create_project -force project [file join $option(-out) project] -part $option(-part)
    set_property ip_repo_paths [list [file join $option(-out) ip]] [current_project]
    update_ip_catalog
    block_design $option(-freq)
    add_wrapper
    if {$option(-step) eq "bitstream"} {
        implement $option(-out) $option(-jobs)
    }
}
