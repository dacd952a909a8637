# Writes the reports of a design that Vitis or Vivado has implemented, for `myhdl-acc reports`. Vivado 2023.1.
#
#   vivado -mode batch -source vivado/collect_reports.tcl -tclargs -checkpoint routed.dcp -out build/reports
#   myhdl-acc reports build/reports --json

source [file join [file dirname [file normalize [info script]]] options.tcl]
source [file join $script_dir reports.tcl]

run_script {
    array set option [parse_options $argv "Writes the reports of an implemented design." {-checkpoint -out} {}]
    require_file $option(-checkpoint) "give a checkpoint of an implemented design"
    file mkdir $option(-out)
    open_checkpoint [list $option(-checkpoint)]
    write_reports $option(-out)
    close_design
}
