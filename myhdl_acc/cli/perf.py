"""``myhdl-acc perf``."""

import click

from myhdl_acc.cli.options import config_option, json_option, report_json, trace_option
from myhdl_acc.report.perf.shapes import NAMES

CONTEXT = 4096  #: tokens so far, unless told otherwise: the window is full, as in all of a long text

_CONTEXT = click.IntRange(1, 1 << 20)
_COLUMNS = ("context", "tokens_per_s", "cycles_per_token", "share_of_achievable", "method")


class ContextsType(click.ParamType):
    """Numbers of tokens with commas between them."""

    name = "list"

    def convert(self, value, param, ctx):
        if isinstance(value, list):
            return value
        contexts = [_CONTEXT.convert(part, param, ctx) for part in value.split(",")]
        if len(contexts) > 64:
            self.fail("there may be 64 contexts at most", param, ctx)
        return contexts


@click.command("perf")
@click.option(
    "--model",
    "name",
    metavar="NAME|FILE|DIRECTORY",
    required=True,
    help=f"Whose real shapes are measured: {', '.join(NAMES)}, austen, a .gguf, .npz or .acc file, a directory with a "
    "config.json, or a .json file with sizes (docs/performance.md).",
)
@config_option("u280")
@click.option("--context", type=_CONTEXT, help="Tokens so far  [default: 4096, where the window is full]")
@click.option("--contexts", type=ContextsType(), help="A table over several: 256,1024,4096. Each is measured.")
@click.option(
    "--window",
    type=click.IntRange(2, 1 << 16),
    help="Tokens in the cache, sinks among them  [default: 1024, or a trained window that is less]",
)
@click.option(
    "--sinks", type=click.IntRange(0), help="Of them, first ones  [default: 4; 0 for a model trained with a window]"
)
@click.option("--phase", type=click.Choice(["decode", "prefill"]), default="decode", show_default=True)
@click.option(
    "--weights",
    metavar="w2|w4|w8|MIX",
    help="Of all matrices, or a mix: w2,ffn_down=w4,layers.0=w8  [default: w2; an .acc has its own]",
)
@click.option("--clock", type=click.IntRange(1, 1000), default=225, show_default=True, help="MHz.")
@click.option(
    "--tokens",
    "count",
    type=click.IntRange(1, 4096),
    default=1,
    show_default=True,
    help="Decoded in one run; the figures are their mean.",
)
@click.option(
    "--drafts",
    type=click.IntRange(0, 15),
    default=0,
    show_default=True,
    help="Tokens that a decoding pass tries, all of them right: what such a pass takes, and the most it gives.",
)
@click.option(
    "--speculate",
    type=click.Choice(["lookup", "heads"]),
    default="lookup",
    show_default=True,
    help="Where --drafts come from: the text so far, or the model's draft head, whose time is in the pass then.",
)
@click.option(
    "--batch",
    type=click.IntRange(2, 15),
    help="Sequences that share passes, each with a cache of its own: tokens per second of all together.",
)
@click.option("--compose", is_flag=True, help="From runs with a few layers instead of a whole token.")
@trace_option("the measured pass")
@json_option
def command(
    name,
    config,
    context,
    contexts,
    window,
    sinks,
    phase,
    weights,
    clock,
    count,
    drafts,
    speculate,
    batch,
    compose,
    traces,
    as_json,
):
    """Cycles of one token on the RTL, every beat read from a timed HBM2 model, with random weights of the real shapes.

    Verilator runs the whole accelerator; what its lanes did in every cycle adds up to the cycles. `lost_cycles` are a
    lane's cycles without a beat, lanes averaged, by what they waited for. A decoded token's cycles are those from the
    choice of the token before to its own, while one run goes on; a prompt's are from start to done.
    """
    from myhdl_acc.cli.progress import cycles_shown
    from myhdl_acc.report.perf.energy import estimate
    from myhdl_acc.report.perf.report import measure_all
    from myhdl_acc.viz.run_file import write_run

    if context is not None and contexts is not None:
        raise click.UsageError("give either --context or --contexts")
    if phase == "prefill" and count > 1:
        raise click.UsageError("--tokens is of decoding; a prompt's pass has as many as there are rows")
    if traces and (contexts or compose or count > 1):
        raise click.UsageError("--trace is of one pass: not with --contexts, --compose or --tokens")
    if drafts and (phase == "prefill" or count > 1 or traces):
        raise click.UsageError("--drafts is of one decoding pass: not with --phase prefill, --tokens or --trace")
    if batch and (phase == "prefill" or count > 1 or traces or drafts):
        raise click.UsageError(
            "--batch is of one decoding pass: not with --phase prefill, --tokens, --drafts or --trace"
        )
    if speculate == "heads" and not drafts:
        raise click.UsageError("--speculate heads is for --drafts")
    tokens, hertz = contexts or [context or CONTEXT], clock * 1_000_000
    rows, runs = [], []
    options = {"tokens": count, "traced": runs.append if traces else None, "drafts": drafts, "batch": batch or 0}
    options["source"] = speculate
    with cycles_shown(silent=as_json) as progress:
        for report in measure_all(
            name, config, tokens, window, phase, weights, hertz, compose, sinks, progress, **options
        ):
            rows.append({column: report.fields()[column] for column in _COLUMNS})
            if contexts and not as_json:
                _show_row(rows)
    for path in traces:
        write_run(path, *runs)
    energy = estimate(report, config.lanes * config.atoms * 16 * config.rows)
    if as_json:
        report_json(report.fields() | {"energy_estimate": energy} | ({"contexts": rows} if contexts else {}))
    else:
        _show(report, energy)


def _show_row(rows):
    from tqdm import tqdm  # whose write() does not run into the counter on the terminal

    if len(rows) == 1:
        tqdm.write(f"{'context':>9} {'token/s':>10} {'cycles per token':>18}  of what a card was measured to give")
    row = rows[-1]
    tqdm.write(
        f"{row['context']:>9,} {row['tokens_per_s']:>10,.1f} {row['cycles_per_token']:>18,.0f}"
        f" {row['share_of_achievable']:>8.1%}  {row['method']}"
    )


def _show(report, energy):
    """The one measurement, or the last of several."""
    from myhdl_acc.report.perf.peers import PEERS

    fields, cycles = report.fields(), report.measured.cycles
    lost = sum(report.measured.lost.values())
    held = min(report.context, report.rule.capacity)
    click.echo(
        f"{report.model}, {report.weights}, {report.phase} at {report.context:,} tokens, cache of {held:,}, "
        f"{report.method}"
    )
    click.echo(f"{fields['tokens_per_s']:>12,.1f} token/s at {report.clock_hz / 1e6:g} MHz")
    click.echo(f"{fields['cycles_per_token']:>12,.0f} cycles per token")
    if report.drafts:
        click.echo(f"{cycles:>12,.0f} cycles per pass, of {1 + report.drafts} tokens as every draft is right")
        click.echo(f"{report.passes_per_s:>12,.1f} passes per second: times the tokens per pass of a text, its token/s")
    if report.batch:
        click.echo(f"{cycles:>12,.0f} cycles per pass, which takes a token of each of {report.batch} sequences")
    click.echo(
        f"{fields['bytes_per_token'] / 1e6:>12,.1f} MB per token: {fields['share_of_peak']:.1%} of HBM2's peak, "
        f"{fields['share_of_achievable']:.1%} of what a card was measured to give"
    )
    click.echo(
        f"{fields['host_s_per_token'] * 1e6:>12,.1f} us of the host per token, as the card keeps its program of "
        f"{fields['program_instructions']:,} instructions ({fields['program_bytes']:,} bytes)"
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
