"""The measured points that come with the source (viz/design_space.py): cycles, and what configurations take."""

import sys
from functools import partial

from golden.errors import InputError
from myhdl_acc.cli.top import top_design
from myhdl_acc.report.sweep import spec
from myhdl_acc.report.sweep.columns import AREA, CONFIG
from myhdl_acc.report.sweep.point import area, figures
from myhdl_acc.report.sweep.results import Results, read
from myhdl_acc.rtl.config import AcceleratorConfig
from myhdl_acc.viz.design_space import POINTS, label
from scripts.docs.data import DATA

_synthesised = partial(area, top_design)


def cycles():
    """Measures every point of ``docs/data/points_*.yaml`` again, beside the resources that are known."""
    specs = sorted(DATA.glob("points_*.yaml"))
    renew(POINTS, [point for path in specs for point in spec.load(path).points])


def resources(path=POINTS, synthesised=_synthesised):
    """Synthesises the configurations of all points in ``path`` again, beside their cycles."""
    rows = read(path)
    areas = {config: synthesised(config) for config in map(_config, rows)}
    Results(path, [row | areas[_config(row)] for row in rows]).write()


def renew(path, points, measured=figures, synthesised=_synthesised):
    """Replaces the rows in ``path`` by those of ``points``: columns of ``measured(point)``, and the resources that the
    configuration has in ``path``, else those of ``synthesised(config)``.

    Rows are kept beside ``path`` until all are there: a renewal that was interrupted goes on. Raises InputError if
    points have no figures; ``path`` is then as it was.
    """
    known = {_config(row): {name: row[name] for name in AREA} for row in read(path)}
    from myhdl_acc.report.sweep.cluster import connected  # which a second of imports comes with
    from myhdl_acc.report.sweep.run import run

    fresh = path.with_suffix(".new")
    results = Results(fresh, read(fresh) if fresh.exists() else [])
    with connected() as client:
        failed = run(client, points, results, measured, partial(_known_or, synthesised, known), _show)
    if failed:
        raise InputError(f"{failed} of {len(points)} points have no figures, see {fresh}")
    fresh.replace(path)


def _config(row):
    return AcceleratorConfig(**{name: row[name] for name in CONFIG})


def _known_or(synthesised, known, config):
    return known.get(config) or synthesised(config)


def _show(row):
    print(f"{label(row)}: {row['error'] or row['cycles']}", file=sys.stderr, flush=True)
