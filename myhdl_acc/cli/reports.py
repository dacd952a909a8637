"""``myhdl-acc reports``."""

import click

from myhdl_acc.cli.options import json_option, report_json


@click.command("reports")
@click.argument("directory")
@json_option
def command(directory, as_json):
    """Collect what Vivado reported in DIRECTORY: resources, timing, power.

    The scripts in vivado/ write resources.rpt, timing.rpt and power.rpt.
    """
    from myhdl_acc.report.vivado import collect

    found = collect(directory)
    if as_json:
        report_json(found)
        return
    for name, site in found["resources"].items():
        click.echo(f"{name:<8}{site['used']:>10} of {site['available']:>9}  {site['used'] / site['available']:.1%}")
    timing, power = found["timing"], found["power"]
    met = "met" if timing["met"] else f"missed at {timing['tns_failing'] + timing['ths_failing']} endpoints"
    click.echo(f"clock   {timing['mhz']:g} MHz {met}, slack {timing['wns']} ns: {timing['reachable_mhz']} MHz")
    click.echo(f"power   {power['total_w']} W, {power['static_w']} W of it static")
