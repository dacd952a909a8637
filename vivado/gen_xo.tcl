# Makes the Vitis object of the packaged core in out/ip.

proc gen_xo {out} {
    global kernel_name
    package_xo -force -xo_path [file join $out $kernel_name.xo] -kernel_name $kernel_name \
        -ip_directory [file join $out ip] -ctrl_protocol ap_ctrl_hs
}
