"""``myhdl-acc synth``."""

import click

from myhdl_acc.cli.options import config_option, json_option, report_json


@click.command("synth")
@config_option("demo")
@json_option
def command(config, as_json):
    """What the hardware takes of the U280, block by block, by Yosys; for u280 a minute or two on two cores.

    Every entity is synthesised once, those below it as black boxes, and counted as often as it occurs. LUTs include
    distributed memory and shift registers. Depth is the longest path within the entity, in levels of six-input LUTs; a
    multiplier or an asynchronous read is one level. No tool at hand gives timing for this device. Results are kept
    until the hardware changes.
    """
    from tqdm import tqdm

    from myhdl_acc.cli.top import top_design
    from myhdl_acc.report.synthesis import synthesise
    from myhdl_acc.report.synthesis.report import to_fields, to_text

    design = top_design(config)
    with tqdm(unit="entity", leave=False, disable=None) as bar:  # where stderr is a terminal

        def progress(name, total):
            bar.total = total
            bar.set_postfix_str(name, refresh=False)
            bar.update()

        result = synthesise(design, progress)
    if as_json:
        report_json(to_fields(result))
    else:
        click.echo(to_text(result, config))
