"""``myhdl-acc bitstream``."""

import click

from myhdl_acc.cli.options import config_option, json_option, report_json

_BOARDS = ("ulx3s",)
_STEPS = ("verilog", "synthesis", "route", "pack")


@click.command("bitstream")
@click.option("--board", type=click.Choice(_BOARDS), default=_BOARDS[0], show_default=True)
@config_option("ecp5")
@click.option("--clock", "mhz", type=click.IntRange(5, 200), default=50, show_default=True, help="MHz.")
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True, help="Of the placement.")
@click.option("--to", "last", type=click.Choice(_STEPS), default=_STEPS[-1], show_default=True, help="The last step.")
@click.option("-o", "output", metavar="DIRECTORY", help="Where all goes.  [default: build/bitstream-BOARD]")
@json_option
def command(board, config, mhz, seed, last, output, as_json):
    """Make a board's bitstream with Yosys and nextpnr.

    A step that was done, of the same sources, is not done again. What the part has not room for is said after the
    synthesis. A routed design that does not reach the clock is no success: the report says what limits it.
    """
    from myhdl_acc.bitstream.boards import BOARDS
    from myhdl_acc.bitstream.build import Build
    from myhdl_acc.bitstream.report import to_text

    say = (lambda text: None) if as_json else (lambda text: click.echo(f"{text} …"))
    found = Build(BOARDS[board], config, mhz, output or f"build/bitstream-{board}", seed, say).run(last)
    if as_json:
        report_json(found)
    else:
        click.echo(to_text(found))
