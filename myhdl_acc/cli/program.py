"""``myhdl-acc program``."""

import click

from myhdl_acc.cli.options import config_option, json_option, report_json


@click.command("program")
@click.argument("model", metavar="OUT.acc|NAME|MODEL")
@config_option("demo")
@click.option(
    "--window",
    type=click.IntRange(2, 1 << 16),
    help="Tokens in the cache, sinks among them  [default: 1024, or a trained window that is less]",
)
@click.option(
    "--sinks", type=click.IntRange(0), help="Of them, first ones  [default: 4; 0 for a model trained with a window]"
)
@click.option("--weights", type=click.Choice(["w2", "w4", "w8"]), help="Of what has no formats yet  [default: w2]")
@json_option
def command(model, config, window, sinks, weights, as_json):
    """The program that the accelerator keeps and runs through for every token, an instruction per line.

    MODEL may be anything whose shape `perf` takes; no weights are read. `>` marks where a jump leads to, indentation a
    loop over layers. A comment says when an instruction is executed, and which piece of the cache it covers: what lies
    between places in a head's lanes that hardware finds for every pass (docs/control.md).
    """
    from myhdl_acc.program.compiler import Compiler
    from myhdl_acc.program.listing import listing
    from myhdl_acc.report.perf.measure import cache_rule
    from myhdl_acc.report.perf.report import window_of
    from myhdl_acc.report.perf.shapes import shape

    whole = shape(model, weights)
    rule = cache_rule(whole.spec, window_of(whole, window), sinks)
    program = Compiler(whole, rule, config).program
    if as_json:
        instructions = [{"unit": i.unit, "op": i.op, **i.fields} for i in program]
        report_json({"instructions": instructions, "count": len(program), "depth": config.program_depth})
    else:
        for line in listing(program):
            click.echo(line)
