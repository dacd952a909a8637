"""A search, and measurements of what it found: every point ends as a row of a results file."""

import contextlib
import dataclasses
from functools import partial
from types import SimpleNamespace

from golden.errors import InputError
from myhdl_acc.report.sweep.area_estimate import estimate_for
from myhdl_acc.report.sweep.point import area, figures, figures_with_loss
from myhdl_acc.report.sweep.run import run
from myhdl_acc.report.sweep.search import search

_SHOWN = 5  # of the best points


@contextlib.contextmanager
def silent(total, unit):
    """A bar that nobody sees."""
    yield SimpleNamespace(update=lambda count=1: None)


def optimise(client, space, results, count, seed, design_of, losses=None, bar=silent):
    """Look at ``count`` points of ``space`` (Space) on workers of ``client``, then measure the best on RTL.

    All become rows of ``results`` (Results); those that are there are not looked at again. ``losses``:
    sensitivities() of the model, if the goal needs them. ``design_of(config)`` is what is synthesised.
    ``bar(total, unit)`` shows each part of the work, as tqdm does.

    Returns a dict: ``points`` looked at, of which ``kept`` were there and ``failed`` had no figures; the rows of the
    ``preset`` in the best one of its formats, of the ``best`` few, and of the preset and the best ``confirmed``. Raises
    InputError if no point has figures.
    """
    of_point = figures if losses is None else partial(figures_with_loss, losses)
    counts = dict.fromkeys(("kept", "failed"), 0)

    def measured(points, area, shown):
        kept = sum(results.done(point.key) for point in points)
        shown.update(kept)
        counts["kept"] += kept
        counts["failed"] += run(client, points, results, of_point, area, lambda row: shown.update())
        return [results.row(point.key) for point in points]

    estimate = None
    if space.synth:
        with bar(1 + sum(len(values) - 1 for values in space.fields.values()), "synthesis") as shown:
            estimate = estimate_for(client, design_of, space.base, space.fields, shown.update)
    with bar(min(count, space.size), "point") as shown:
        starts = space.allocated(losses) if losses else ()
        points = search(space, count, seed, lambda some: measured(some, estimate, shown), starts)
    looked = dict(counts)
    best = space.goal.ranked([results.row(key) for key in points])
    presets = [results.row(key) for key in (space.point(chosen).key for chosen in space.presets()) if key in points]
    preset = next(iter([*space.goal.ranked(presets), *presets]))
    if all(results.row(key)["error"] for key in points):
        raise InputError(f"no point has figures; the first one: {presets[0]['error']}")
    confirmed = []
    if space.confirm:
        wanted = dict.fromkeys([preset["key"], *(row["key"] for row in best[: space.confirm])])
        on_rtl = [dataclasses.replace(points[key], method="composed") for key in wanted]
        with bar(len(on_rtl), "measurement") as shown:
            confirmed = measured(on_rtl, partial(area, design_of) if space.synth else None, shown)
    return {
        "goal": space.goal.text(),
        "points": len(points),
        **looked,
        "preset": preset,
        "best": best[:_SHOWN],
        "confirmed": confirmed,
    }
