"""``myhdl-acc trace``."""

import os

import click

from golden.errors import InputError
from golden.files import require_writable
from myhdl_acc.cli.options import backend_option, config_option, json_option, report_json
from myhdl_acc.trace.npz_file import read_npz

FORMATS = (".json", ".vcd", ".html", ".svg", ".npz")


@click.command("trace")
@click.argument("source", metavar="IN.npz")
@click.option(
    "-o",
    "--output",
    "targets",
    metavar="OUT",
    required=True,
    multiple=True,
    help="Where the events go; repeatable. The suffix says how: .json (Perfetto), .vcd (GTKWave), .html, .svg, .npz.",
)
@config_option("tiny")
@backend_option("verilator", golden=False)
@json_option
def command(source, targets, config, backend, as_json):
    """Show what every stream and lane did in every cycle.

    IN.npz is an operation as for run-op, which is run on the RTL, or events that trace saved as .npz before.
    """
    for target in targets:
        if os.path.splitext(target)[1] not in FORMATS:
            raise InputError(f"{target}: the name must end in {', '.join(FORMATS[:-1])} or {FORMATS[-1]}")
    require_writable(*targets, inputs=[source])
    table, title = _table(source, config, backend)
    for target in targets:
        _write(target, table, title)
    from myhdl_acc.trace.occupancy import occupancy

    counted = occupancy(table)
    if as_json:
        report_json({"events": len(table), "outputs": list(targets), **counted.as_json()})
    else:
        click.echo(f"{len(table)} events, {counted.cycles} cycles: {', '.join(targets)}")
        click.echo(counted.text())


def _table(source, config, backend):
    """The EventTable that IN.npz holds or leads to, and a title for pictures of it."""
    from myhdl_acc.cli.operation_file import make_operation
    from myhdl_acc.trace.events import EventTable

    arrays = read_npz(source)
    try:
        if "op" not in arrays:
            raise InputError("neither an operation for run-op nor events that trace saved")
        if "cycle_start" in arrays:
            return EventTable.from_columns(arrays), os.path.basename(source)
        operation = make_operation(arrays)
    except InputError as error:
        raise InputError(f"{source}: {error}") from None
    from myhdl_acc.driver.rtl_engine import RtlEngine
    from myhdl_acc.trace.engine_recorder import EngineRecorder

    with RtlEngine(config, backend, record=True) as rtl:
        recorder = EngineRecorder(rtl)
        recorder.execute([operation])
        table = recorder.table
    shape = f"{operation.outputs} × {operation.terms}"
    return table, f"{operation.kind}, {shape}, {operation.x.shape[0]} rows, {backend}"


def _write(target, table, title):
    suffix = os.path.splitext(target)[1]
    if suffix == ".npz":
        table.save(target)
    elif suffix == ".json":
        from myhdl_acc.trace.perfetto import write_perfetto

        write_perfetto(target, table)
    elif suffix == ".vcd":
        from myhdl_acc.trace.vcd import write_vcd

        write_vcd(target, table)
    elif suffix == ".svg":
        from myhdl_acc.viz.svg import write_svg

        write_svg(target, table, title)
    else:
        from myhdl_acc.viz.page import write_html

        write_html(target, table, {"run": title, "cycles": table.span[1] - table.span[0]})
