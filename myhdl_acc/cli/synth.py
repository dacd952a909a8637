"""``myhdl-acc synth``."""

import click

from myhdl_acc.cli.options import config_option, json_option, report_json


@click.command("synth")
@config_option("demo")
@click.option("--timing", is_flag=True, help="An estimate of the clock, too, and the slowest paths (docs/timing.md).")
@json_option
def command(config, timing, as_json):
    """What the hardware takes of the U280, block by block, by Yosys; for u280 some minutes the first time.

    Every entity is synthesised once, those below it as black boxes, and counted as often as it occurs. LUTs include
    distributed memory and shift registers. Depth is the longest path within the entity, in levels of six-input LUTs; a
    multiplier or an asynchronous read is one level. Results are kept until the hardware changes.
    """
    from myhdl_acc.cli.top import top_design
    from myhdl_acc.report.synthesis import synthesise
    from myhdl_acc.report.synthesis.report import to_fields, to_text
    from myhdl_acc.report.timing import estimate
    from myhdl_acc.report.timing import report as timing_report

    design = top_design(config)
    result = _with_progress(synthesise, design)
    found = to_fields(result)
    if timing:
        instances = {block.name: block.instances for block in result.blocks}
        found["timing"] = timing_report.to_fields(_with_progress(estimate, design), instances)
    if as_json:
        report_json(found)
    else:
        click.echo(to_text(result, config))
        if timing:
            click.echo("\n" + timing_report.to_text(found["timing"]))


def _with_progress(run, design):
    """``run(design, progress=...)`` with a bar of entities where stderr is a terminal."""
    from tqdm import tqdm

    with tqdm(unit="entity", leave=False, disable=None) as bar:

        def progress(name, total):
            bar.total = total
            bar.set_postfix_str(name, refresh=False)
            bar.update()

        return run(design, progress=progress)
