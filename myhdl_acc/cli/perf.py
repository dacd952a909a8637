"""``myhdl-acc perf``."""

import click

from myhdl_acc.cli.options import config_option, json_option, report_json
from myhdl_acc.perf.shapes import NAMES


@click.command("perf")
@click.option("--model", "name", type=click.Choice(NAMES), required=True, help="Whose real shapes are measured.")
@config_option("u280")
@click.option("--context", type=click.IntRange(1, 1 << 20), default=1024, show_default=True, help="Tokens so far.")
@click.option("--window", type=click.IntRange(2, 1 << 16), default=1024, show_default=True, help="Tokens in the cache.")
@click.option("--phase", type=click.Choice(["decode", "prefill"]), default="decode", show_default=True)
@click.option("--weights", type=click.Choice(["w2", "w4", "w8"]), default="w2", show_default=True)
@click.option("--clock", type=click.IntRange(1, 1000), default=225, show_default=True, help="MHz.")
@click.option("--compose", is_flag=True, help="From runs with one and three layers instead of a whole token.")
@json_option
def command(name, config, context, window, phase, weights, clock, compose, as_json):
    """Cycles of one token on the RTL, every beat read from a timed HBM2 model, with random weights of the real shapes.

    Verilator runs the whole accelerator; what its lanes did in every cycle adds up to the cycles. `lost_cycles` are a
    lane's cycles without a beat, lanes averaged, by what they waited for.
    """
    from myhdl_acc.cli.progress import cycles_shown
    from myhdl_acc.perf.energy import estimate
    from myhdl_acc.perf.peers import PEERS
    from myhdl_acc.perf.report import measure

    with cycles_shown(silent=as_json) as progress:
        report = measure(name, config, context, window, phase, weights, clock * 1_000_000, compose, progress)
    products = config.lanes * config.atoms * 16 * config.rows
    energy = estimate(report, products)
    if as_json:
        report_json(report.fields() | {"energy_estimate": energy})
        return
    fields, cycles = report.fields(), report.measured.cycles
    lost = sum(report.measured.lost.values())
    click.echo(f"{name}, {weights}, {phase} at {context:,} tokens, cache of {min(context, window):,}, {report.method}")
    click.echo(f"{fields['tokens_per_s']:>12,.1f} token/s at {clock} MHz")
    click.echo(f"{fields['cycles_per_token']:>12,.0f} cycles per token")
    click.echo(
        f"{fields['bytes_per_token'] / 1e6:>12,.1f} MB per token: {fields['share_of_peak']:.1%} of HBM2's peak, "
        f"{fields['share_of_achievable']:.1%} of what a card was measured to give"
    )
    click.echo(f"{fields['multiplier_utilisation']:>12.1%} of all cycles multiply")
    click.echo(f"{(cycles - lost) / cycles:>12.1%} of a lane's cycles take a beat; the rest:")
    for cause, count in report.measured.lost.items():
        click.echo(f"{count / cycles:>12.2%} {cause}")
    click.echo(f"{energy['joules_per_token']:>12.3f} J per token, {energy['watts']:.0f} W: an estimate. It assumes")
    for assumption, value in energy["assumptions"].items():
        click.echo(f"{value:>12.3g} {assumption}")
    click.echo("\nPublished figures of others:")
    for peer in PEERS:
        click.echo(
            f"  {peer.name:<10} {peer.device:<7} {peer.model:<26} {peer.tokens_per_s:>6} token/s, "
            f"{peer.share} of peak bandwidth; {peer.kind}, {peer.source}"
        )
