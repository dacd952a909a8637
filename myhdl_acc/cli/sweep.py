"""``myhdl-acc sweep``."""

import click

from myhdl_acc.cli.cluster_options import require_installed, require_one, scheduler_option, workers_option
from myhdl_acc.cli.options import json_option, report_json


@click.command("sweep")
@click.argument("file", metavar="SPEC.yaml|RESULTS.parquet", type=click.Path())
@click.option("-o", "--output", type=click.Path(), metavar="FILE", help="Where results go; points there are kept.")
@scheduler_option
@workers_option
@click.option(
    "--best",
    metavar="GOAL",
    help='Instead, the Pareto set of a results file: "tokens_per_s where lut<0.75 and dsp<0.8".',
)
@json_option
def command(file, output, scheduler, workers, best, as_json):
    """Measure many points of the design space: configurations, models, windows and weight formats.

    SPEC.yaml says which (docs/sweep.md). Results are a Parquet file with a row for every point. A point that is there
    already is not measured again, one that failed is. A point that fails leaves its error in its row.
    """
    require_installed("distributed", "pyarrow", "yaml")
    if best is not None:
        if output or scheduler or workers:
            raise click.UsageError("--best reads a results file: not with -o, --scheduler or --workers")
        _best(file, best, as_json)
        return
    if output is None:
        raise click.UsageError("give -o FILE, or --best with a results file")
    require_one(scheduler, workers)
    _sweep(file, output, scheduler, workers, as_json)


def _best(file, text, as_json):
    from myhdl_acc.report.sweep.best import Goal
    from myhdl_acc.report.sweep.columns import WORKLOAD
    from myhdl_acc.report.sweep.results import read
    from myhdl_acc.report.sweep.settings import differences

    goal = Goal.parse(text)
    rows = read(file)
    found = goal.best(rows)
    if as_json:
        report_json({"goal": text, "points": len(rows), "best": found})
        return
    click.echo(
        f"{len(found)} of {len(rows)} points: no other one of the same workload is better in {_and(goal.columns)}"
    )
    workload = None
    for row in found:
        if workload != (workload := tuple(row[name] for name in WORKLOAD)):
            click.echo("{}, {}: cache of {:,}, {:,} tokens so far, {} MHz".format(*workload))
        values = "  ".join(f"{name} {row[name]:,.4g}" for name in goal.columns)
        click.echo(f"  {values}  {row['method']}  {differences(row)}")


def _and(names):
    return " and ".join(names)


def _sweep(file, output, scheduler, workers, as_json):
    import os
    from functools import partial

    from tqdm import tqdm

    from golden.files import require_writable
    from myhdl_acc.cli.top import top_design
    from myhdl_acc.report.sweep import results as files
    from myhdl_acc.report.sweep import spec as specs
    from myhdl_acc.report.sweep.cluster import connected
    from myhdl_acc.report.sweep.point import area, figures
    from myhdl_acc.report.sweep.run import run

    spec = specs.load(file)
    require_writable(output, inputs=[file])
    results = files.Results(output, files.read(output) if os.path.exists(output) else [])
    done = sum(results.done(point.key) for point in spec.points)
    with (
        connected(scheduler, workers) as client,
        tqdm(total=len(spec.points), initial=done, unit="point", disable=True if as_json else None) as bar,
    ):

        def progress(row):
            if row["error"] is not None and not as_json:
                bar.write(f"{row['model']}, {row['weights']}: {row['error']}")
            bar.update()

        design_of = partial(area, top_design) if spec.synth else None
        failed = run(client, spec.points, results, figures, design_of, progress)
    counts = {"points": len(spec.points), "kept": done, "measured": len(spec.points) - done - failed, "failed": failed}
    if as_json:
        report_json(counts | {"output": output})
    else:
        click.echo(
            "{points} points: {kept} were there, {measured} measured, {failed} failed; in ".format(**counts) + output
        )
