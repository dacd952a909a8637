"""``myhdl-acc synth``."""

from dataclasses import asdict

import click

from myhdl_acc.cli.options import config_option, json_option, report_json

_FIELDS = ("lut", "ff", "dsp", "bram36", "uram")
_ROW = "{:<26} {:>9} {:>9} {:>9} {:>6} {:>7} {:>6} {:>5}  {}"
_HEAD = ("one, without those below", "instances", "LUT", "FF", "DSP", "BRAM36", "URAM", "depth", "memories")


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

    from myhdl_acc.synthesis import BUDGET, synthesise
    from myhdl_acc.top import top_design

    design = top_design(config)
    with tqdm(unit="entity", leave=False, disable=None) as bar:  # where stderr is a terminal

        def progress(name, total):
            bar.total = total
            bar.set_postfix_str(name, refresh=False)
            bar.update()

        result = synthesise(design, progress)
    if as_json:
        blocks = {
            block.name: asdict(block.own)
            | {"depth": block.depth, "instances": block.instances, "memories": block.memories}
            for block in result.blocks
        }
        total = asdict(result.total) | {"depth": result.depth}
        report_json({"top": result.top, "blocks": blocks, "total": total, "budget": asdict(BUDGET)})
        return
    _print_blocks(result)
    _print_total(result.total, BUDGET)
    _print_macs(config, result.total)


def _print_blocks(result):
    click.echo(_ROW.format(*_HEAD))
    for block in result.blocks:
        values = [_number(getattr(block.own, field)) for field in _FIELDS]
        memories = ", ".join(f"{number} {kind}" for kind, number in sorted(block.memories.items()))
        click.echo(_ROW.format(block.name, block.instances, *values, block.depth, memories).rstrip())
    click.echo()


def _print_total(total, budget):
    totals = [getattr(total, field) for field in _FIELDS]
    budgets = [getattr(budget, field) for field in _FIELDS]
    shares = [f"{100 * used / there:.1f} %" for used, there in zip(totals, budgets, strict=True)]
    for label, values in (("total", map(_number, totals)), ("U280 without its platform", budgets), ("share", shares)):
        click.echo(_ROW.format(label, "", *values, "", "").rstrip())
    click.echo()


def _print_macs(config, total):
    from myhdl_acc.synthesis.macs import PEERS, macs

    line = "{:<40} {:<16} {:>8} {:>8}  {}"
    multiplied, dense = macs(config)
    click.echo(line.format("per multiply-accumulate in a cycle", "numbers", "LUT", "DSP", ""))
    for label, count in (("multiplied", multiplied), ("dense-equivalent (2:4)", dense)):
        values = [f"{total.lut / count:.1f}", f"{total.dsp / count:.2f}"]
        click.echo(line.format(f"this, {count:,} {label}", "2…8 bit × int8", *values, "").rstrip())
    for peer in PEERS:
        click.echo(line.format(peer.name, peer.numbers, peer.lut, peer.dsp, peer.source))
    click.echo("The others are dense cores, measured by us from their sources with the same tool and options.")


def _number(value):
    return f"{value:g}" if isinstance(value, float) else str(value)
