"""``myhdl-acc trace``."""

import dataclasses
import os

import click

from golden.errors import InputError
from myhdl_acc.cli.options import backend_option, config_option, json_option, report_json
from myhdl_acc.trace.npz_file import read_npz
from myhdl_acc.viz.run_file import FORMATS, require_formats, write_run

_SUFFIXES = ", ".join(f"{suffix} ({what})" for suffix, what in FORMATS.items())


@click.command("trace")
@click.argument("source", metavar="IN.npz")
@click.option(
    "-o",
    "--output",
    "targets",
    metavar="OUT",
    required=True,
    multiple=True,
    help=f"Where the events go; repeatable. The suffix says how: {_SUFFIXES}.",
)
@config_option("tiny")
@backend_option("verilator", golden=False)
@json_option
def command(source, targets, config, backend, as_json):
    """Show what every stream and lane did in every cycle.

    IN.npz is an operation as for run-op, which is run on the RTL, or a run that trace, demo, generate or perf saved as
    .npz before. Of a token it also says what each kind of matrix took in all layers together.
    """
    require_formats(targets, inputs=[source])
    from myhdl_acc.trace.matrices import kind_work
    from myhdl_acc.trace.occupancy import occupancy

    run = _run(source, config, backend)
    try:
        counted = occupancy(run.table)
    except ValueError as error:
        raise InputError(f"{source}: {error}") from None
    for target in targets:
        write_run(target, run)
    works = kind_work(run) if run.annotated else []
    if as_json:
        matrices = {"matrices": [dataclasses.asdict(work) for work in works]} if works else {}
        report_json({"events": len(run.table), "outputs": list(targets), **counted.as_json(), **matrices})
    else:
        click.echo(f"{len(run.table)} events, {counted.cycles} cycles: {', '.join(targets)}")
        click.echo(counted.text())
        for work in works:
            click.echo(work.text)


def _run(source, config, backend):
    """The Run that IN.npz holds or leads to."""
    from myhdl_acc.cli.operation_file import make_operation
    from myhdl_acc.trace.run import Run

    arrays = read_npz(source)
    try:
        if "cycle_start" in arrays:
            return Run.from_arrays(arrays, os.path.basename(source))
        if "op" not in arrays:
            raise InputError("neither an operation for run-op nor events that trace saved")
        operation = make_operation(arrays)
    except InputError as error:
        raise InputError(f"{source}: {error}") from None
    from myhdl_acc.driver.rtl_engine import RtlEngine
    from myhdl_acc.trace.engine_recorder import EngineRecorder

    with RtlEngine(config, backend, record=True) as rtl:
        recorder = EngineRecorder(rtl)
        recorder.execute([operation])
    shape = f"{operation.outputs} × {operation.terms}"
    title = f"{operation.kind}, {shape}, {operation.x.shape[0]} rows, {backend}"
    return Run(recorder.table, {"title": title, "config": dataclasses.asdict(config)})
