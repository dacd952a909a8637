"""A run in the file format that a name's suffix says."""

import os

from golden.errors import InputError
from golden.files import require_writable

FORMATS = {
    ".json": "Perfetto",
    ".kanata": "Konata",
    ".log": "Konata",
    ".vcd": "GTKWave",
    ".html": "a page",
    ".svg": "a picture",
    ".csv": "a table",
    ".npz": "everything, for `myhdl-acc trace`",
}


def require_formats(paths, inputs=()):
    """Raises InputError for a path whose suffix is not of FORMATS, that cannot be written or that is of ``inputs``."""
    for path in paths:
        if os.path.splitext(path)[1] not in FORMATS:
            *others, last = FORMATS
            raise InputError(f"{path}: the name must end in {', '.join(others)} or {last}")
    require_writable(*paths, inputs=inputs)


def write_run(path, run):
    """Write a Run; raises InputError where the file system refuses or the format cannot show it."""
    suffix = os.path.splitext(path)[1]
    if suffix == ".npz":
        run.save(path)
    elif suffix == ".svg":
        from myhdl_acc.viz.svg import write_svg
        from myhdl_acc.viz.token_svg import write_token_svg

        if run.annotated:
            write_token_svg(path, run, f"{run.title}: what lane 0 read and waited for")
        else:
            write_svg(path, run.table, run.title)
    elif suffix == ".html":
        from myhdl_acc.viz.page import write_html

        write_html(path, run, {"run": run.title, "cycles": run.table.span[1] - run.table.span[0]})
    else:
        _writer(suffix)(path, run)


def _writer(suffix):
    if suffix == ".json":
        from myhdl_acc.trace.perfetto import write_perfetto as writer
    elif suffix == ".vcd":
        from myhdl_acc.trace.vcd import write_vcd as writer
    elif suffix == ".csv":
        from myhdl_acc.trace.csv_file import write_csv as writer
    else:
        from myhdl_acc.trace.konata import write_konata as writer
    return writer
