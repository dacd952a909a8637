# The Vivado 2023.1 commands that the scripts may use, after UG835 (Tcl Command Reference) and UG1118 (IP Packager).
# command: switches, options with a value, least and largest number of other arguments.

set commands {
    create_project              {{-force -in_memory}                {-part}                                  0 2}
    close_project               {{-delete}                          {}                                       0 0}
    current_fileset             {{-simset}                          {}                                       0 1}
    add_files                   {{-norecurse -force -scan_for_includes} {-fileset}                           1 1}
    get_files                   {{-quiet -all}                      {-of_objects -filter}                    0 1}
    update_compile_order        {{-force_gui}                       {-fileset}                               0 0}
    set_property                {{-quiet -verbose}                  {-dict}                                  1 3}
    get_property                {{-quiet -verbose -min -max}        {}                                       2 2}
    set_param                   {{}                                 {}                                       2 2}
    read_vhdl                   {{-vhdl2008 -vhdl2019}              {-library}                               1 1}
    read_xdc                    {{-unmanaged -no_add}               {-cells -ref -mode}                      1 1}
    synth_design                {{-assert}                          {-top -part -mode -flatten_hierarchy -directive} 0 0}
    report_utilization          {{-hierarchical -append -slr}           {-file -hierarchical_depth}              0 0}
    report_timing_summary       {{-append -report_unconstrained}    {-file -max_paths -nworst -delay_type}   0 0}
    report_power                {{-quiet -no_propagation}           {-file -format -hier -xpe -rpx}          0 0}
    open_checkpoint             {{-quiet -verbose}                  {-part}                                  1 1}
    close_design                {{-quiet -verbose}                  {}                                       0 0}
    get_cells                   {{-quiet -hierarchical -regexp -nocase} {-filter -of_objects}                0 1}
    get_pblocks                 {{-quiet -regexp -nocase}           {-filter -of_objects}                    0 1}
    create_pblock               {{-quiet -verbose}                  {}                                       1 1}
    resize_pblock               {{-quiet -replace}                  {-add -remove -from -to -locs}           1 1}
    add_cells_to_pblock         {{-quiet -top -add_primitives -clear_locs} {}                                2 2}
    opt_design                  {{-quiet -retarget -propconst -sweep -remap} {-directive}                    0 0}
    place_design                {{-quiet -unplace -timing_summary}  {-directive}                             0 0}
    phys_opt_design             {{-quiet -fanout_opt -placement_opt} {-directive}                            0 0}
    route_design                {{-quiet -unroute -tns_cleanup}     {-directive}                             0 0}
    write_checkpoint            {{-force}                           {-cell}                                  1 1}
    current_project             {{-quiet -verbose}                  {}                                       0 1}
    update_ip_catalog           {{-quiet -rebuild}                  {-repo_path}                             0 0}
    create_bd_design            {{-quiet -verbose}                  {-dir}                                   1 1}
    create_bd_cell              {{-quiet -verbose}                  {-type -vlnv -reference}                 1 1}
    create_bd_port              {{-quiet -verbose}                  {-dir -type -from -to}                   1 1}
    create_bd_intf_port         {{-quiet -verbose}                  {-mode -vlnv}                            1 1}
    get_bd_pins                 {{-quiet -hierarchical}             {-filter -of_objects}                    0 1}
    get_bd_ports                {{-quiet -regexp}                   {-filter -of_objects}                    0 1}
    get_bd_intf_pins            {{-quiet -hierarchical}             {-filter -of_objects}                    0 1}
    get_bd_intf_ports           {{-quiet -regexp}                   {-filter -of_objects}                    0 1}
    connect_bd_net              {{-quiet -verbose}                  {-net}                                   2 2}
    connect_bd_intf_net         {{-quiet -verbose}                  {-intf_net}                              2 2}
    assign_bd_address           {{-quiet -boundary}                 {-target_address_space -offset -range}   0 1}
    validate_bd_design          {{-quiet -force}                    {-design}                                0 0}
    save_bd_design              {{-quiet -force}                    {}                                       0 1}
    make_wrapper                {{-quiet -top -testbench -import}   {-files -fileset}                        0 0}
    get_runs                    {{-quiet -regexp}                   {-filter}                                0 1}
    launch_runs                 {{-quiet -force -scripts_only}      {-jobs -to_step -next_step -dir}         1 1}
    wait_on_runs                {{-quiet -exit_condition}           {-timeout}                               1 1}
    open_run                    {{-quiet -pr_config}                {-name}                                  1 1}
    package_xo                  {{-force -kernel_files_only}        {-xo_path -kernel_name -ip_directory -ctrl_protocol -kernel_xml -output_kernel_xml} 0 0}
    ipx::package_project        {{-import_files -force -force_update_compile_order -archive_source_project} {-root_dir -vendor -library -taxonomy -set_current -name -version -module} 0 1}
    ipx::unload_core            {{-quiet}                           {}                                       1 1}
    ipx::edit_ip_in_project     {{-force}                           {-upgrade -name -directory}              1 1}
    ipx::current_core           {{-quiet}                           {}                                       0 1}
    ipx::get_user_parameters    {{-quiet -regexp -nocase}           {-of_objects -filter}                    0 1}
    ipx::remove_user_parameter  {{-quiet}                           {}                                       2 2}
    ipx::get_bus_interfaces     {{-quiet -regexp -nocase}           {-of_objects -filter}                    0 1}
    ipx::associate_bus_interfaces {{-quiet -remove -clear}          {-busif -clock -reset}                   1 1}
    ipx::add_bus_parameter      {{-quiet}                           {}                                       2 2}
    ipx::get_address_spaces     {{-quiet -regexp -nocase}           {-of_objects -filter}                    0 1}
    ipx::get_segments           {{-quiet -regexp -nocase}           {-of_objects -filter}                    0 1}
    ipx::remove_segment         {{-quiet}                           {}                                       2 2}
    ipx::get_memory_maps        {{-quiet -regexp -nocase}           {-of_objects -filter}                    0 1}
    ipx::remove_memory_map      {{-quiet}                           {}                                       2 2}
    ipx::add_memory_map         {{-quiet}                           {}                                       2 2}
    ipx::add_address_block      {{-quiet}                           {}                                       2 2}
    ipx::add_register           {{-quiet}                           {}                                       2 2}
    ipx::add_register_parameter {{-quiet}                           {}                                       2 2}
    ipx::add_field              {{-quiet}                           {}                                       2 2}
    ipx::create_xgui_files      {{-quiet}                           {-logo_file}                             1 1}
    ipx::update_checksums       {{-quiet}                           {}                                       1 1}
    ipx::check_integrity        {{-quiet -kernel -xrt}              {}                                       1 1}
    ipx::save_core              {{-quiet}                           {}                                       1 1}
}

# Kind of object: the properties that can be set or read, with a pattern (a glob list or a regular expression after =)
# for their values.
set properties {
    file          {file_type {{VHDL} {VHDL 2008}}}
    fileset       {top =^\\w+$}
    cell          {name =}
    project       {name = ip_repo_paths =.+}
    run           {name = progress = status = steps.place_design.tcl.pre =\\.tcl$}
    bd_intf_port  {name = config.freq_hz =^100000000$}
    bd_port       {name = config.polarity {ACTIVE_LOW}}
    pblock        {name = is_soft {true false}}
    core          {core_revision =^\\d+$ sdx_kernel true sdx_kernel_type rtl vitis_drc {{ctrl_protocol ap_ctrl_hs}}
                   ipi_drc {{ignore_freq_hz true}} xpm_libraries {{XPM_CDC XPM_MEMORY XPM_FIFO}}
                   supported_families {{}} auto_family_support_level {level_1 level_2}}
    bus_interface {name = slave_memory_map_ref =^\\w+$}
    bus_parameter {name = value =.+ value_resolve_type {immediate user generated dependent}}
    user_parameter {name =}
    address_space {name =}
    segment       {name =}
    memory_map    {name =}
    address_block {name = range =^\\d+$ width =^\\d+$}
    register      {name = description =.+ address_offset =^0x[0-9a-fA-F]+$ size =^\\d+$}
    register_parameter {name = value =.+}
    field         {name = access {read-only read-write write-only} bit_offset =^\\d+$ bit_width =^\\d+$
                   modified_write_value {oneToClear oneToSet oneToToggle zeroToClear zeroToSet zeroToToggle clear set modify}
                   read_action {clear set modify}}
}
