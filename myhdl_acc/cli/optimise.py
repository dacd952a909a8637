"""``myhdl-acc optimise``."""

import click

from myhdl_acc.cli.cluster_options import require_installed, require_one, scheduler_option, workers_option
from myhdl_acc.cli.options import json_option, report_json


@click.command("optimise")
@click.argument("file", metavar="SPEC.yaml", type=click.Path())
@click.option("-o", "--output", type=click.Path(), metavar="FILE", required=True, help="A results file, as of sweep.")
@click.option("--points", "count", type=click.IntRange(1, 10_000), default=100, show_default=True, help="To look at.")
@click.option("--seed", type=click.IntRange(0, (1 << 32) - 1), default=0, show_default=True, help="Of the search.")
@scheduler_option
@workers_option
@json_option
def command(file, output, count, seed, scheduler, workers, as_json):
    """Search for the configuration, and the formats of a model's matrices, that serve a goal best.

    SPEC.yaml says what may be chosen and what is wanted (docs/sweep.md). Cycles are those of the analytic model; the
    best points are then measured on the RTL, beside the preset that the search began with. The same seed looks at the
    same points, and those that are in FILE are not looked at again.
    """
    require_installed("distributed", "pyarrow", "yaml", "optuna")
    require_one(scheduler, workers)
    import os

    from tqdm import tqdm

    from golden.files import require_writable
    from myhdl_acc.cli.top import top_design
    from myhdl_acc.report.sweep import results as files
    from myhdl_acc.report.sweep import space as spaces
    from myhdl_acc.report.sweep.cluster import connected
    from myhdl_acc.report.sweep.optimise import optimise

    space = spaces.load(file)
    require_writable(output, inputs=[file])
    results = files.Results(output, files.read(output) if os.path.exists(output) else [])
    losses = _losses(space.model) if space.goal.needs("loss") else None

    def bar(total, unit):
        return tqdm(total=total, unit=unit, leave=False, disable=True if as_json else None)

    # What the analytic model says takes no time. Syntheses and runs do; only processes can be ended amid them.
    processes = bool(workers or space.synth or space.confirm)
    with connected(scheduler, workers, processes) as client:
        found = optimise(client, space, results, count, seed, top_design, losses, bar)
    if as_json:
        report_json(found | {"output": output})
    else:
        _show(found, space.goal, output)


def _losses(model):
    """What each matrix loses in each format, as ``compress --budget`` measures it."""
    from golden.llm import models
    from golden.llm.compress.calibrate import TOKENS
    from golden.llm.compress.kept_layers import KeptLayers
    from myhdl_acc.cli.calibration import directories, losses_of, sequences_of

    source = models.load(model)
    kept = KeptLayers(directories(model, None, TOKENS)(False))
    return losses_of(source, sequences_of(source, None, TOKENS, kept), kept)


def _show(found, goal, output):
    click.echo(
        "{points} points: {kept} were there, {failed} failed; in ".format(**found) + f"{output}\ngoal: {found['goal']}"
    )
    columns = goal.columns
    click.echo("  ".join(["   goal", *(f"{name:>20}" for name in columns), "cycles, area"]))
    for row in [found["preset"], *found["best"]]:
        _show_row(row, found["preset"], goal, columns)
    if not found["best"]:
        click.echo("no point meets the conditions")
    if found["confirmed"]:
        click.echo("on the RTL:")
    for row in found["confirmed"]:
        _show_row(row, found["confirmed"][0], goal, columns)


def _show_row(row, preset, goal, columns):
    """How many times as good as the preset a row is, and its columns."""
    from math import exp

    from myhdl_acc.report.sweep.settings import differences

    if row["error"] is not None:
        click.echo(f"{'':>7}  {differences(row)}, {row['weights']}: {row['error']}")
        return
    good = exp(goal.score(row) - goal.score(preset)) if preset["error"] is None else None
    values = [f"{row[name]:>20,.5g}" if row[name] is not None else f"{'':>20}" for name in columns]
    missed = "  (misses the conditions)" if goal.missed(row) else ""
    area = row["area"] or "no area"
    click.echo(
        "  ".join(["" if good is None else f"{good:>7.4f}", *values, f"{row['method']}, {area}  {differences(row)}, "])
        + f"{row['weights']}{missed}"
    )
