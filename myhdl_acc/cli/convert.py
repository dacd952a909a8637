"""``myhdl-acc convert``."""

import os

import click

from golden.errors import InputError
from myhdl_acc.cli.options import config_option, json_option, report_json


@click.command("convert")
@config_option("demo")
@click.option("--hdl", type=click.Choice(["vhdl", "verilog"]), default="vhdl", show_default=True, help="Language.")
@click.option("-o", "--output", "directory", metavar="DIR", required=True, help="Directory; it is made if need be.")
@click.option("--kernel", is_flag=True, help="Add the AXI top, and what the scripts in vivado/ read.")
@json_option
def command(config, hdl, directory, kernel, as_json):
    """Write the hardware as VHDL or Verilog, one file per entity, the hierarchy kept.

    The same configuration gives the same bytes every time. Files are listed in the order in which a tool must read
    them.
    """
    from myhdl_acc.cli.top import kernel_registers, top_design
    from myhdl_acc.hdl.convert import convert
    from myhdl_acc.rtl.kernel import write_kernel

    if kernel and hdl != "vhdl":
        raise InputError("convert: a kernel is VHDL")
    design = top_design(config)
    if kernel:
        report = write_kernel(design, config, kernel_registers, directory)
    else:
        report = convert(design, hdl, directory)
    if as_json:
        fields = {"top": report.top, "files": [os.fspath(file) for file in report.files]}
        fields |= {"floorplan": report.planned[1]} if kernel else {}
        report_json(fields | {"seconds": round(report.seconds, 3), "peak_mib": round(report.peak_mib, 1)})
        return
    for file in report.files:
        click.echo(file)
    if kernel:
        click.echo(f"{'a' if report.planned[0] else 'no'} floorplan: {report.planned[1]}")
    click.echo(f"top {report.top}, {len(report.files)} files, {report.seconds:.1f} s, {report.peak_mib:.0f} MiB")
