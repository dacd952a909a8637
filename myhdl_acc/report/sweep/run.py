"""Measures points on a cluster; every one ends as a row, whatever happens to it."""

from distributed import as_completed

from golden.errors import InputError
from myhdl_acc.report.sweep.columns import COLUMNS


def run(client, points, results, figures, area=None, progress=lambda row: None):
    """Add a row to ``results`` (Results) for each of ``points`` that is not done there; returns how many failed.

    ``figures(point)`` and ``area(config)`` return columns, on a worker of ``client``; an area is found once for all
    points that have it. What they raise is the row's ``error``, and so is a worker that died with it again and again.
    ``progress(row)`` is called after each. Raises InputError where results cannot be written.
    """
    missing = {point.key: point for point in points if not results.done(point.key)}
    # Neither may be answered from what an earlier run left on a scheduler: sources may have changed since.
    configs = {point.config for point in missing.values()} if area else ()
    areas = {config: client.submit(area, config, pure=False) for config in configs}
    futures = {client.submit(figures, point, pure=False): point for point in missing.values()}
    failed = 0
    try:
        for future in as_completed(list(futures)):
            point = futures.pop(future)
            row = _row(point, future, areas.get(point.config))
            future.release()
            failed += row["error"] is not None
            results.add(row)
            progress(row)
    finally:
        client.cancel([*futures, *areas.values()])
        results.write()
    return failed


def _row(point, *futures):
    """A row with the settings of ``point`` and what the futures found; None among them stands for nothing."""
    row = dict.fromkeys(COLUMNS) | point.settings() | {"key": point.key, "method": point.method}
    try:
        for future in futures:
            row |= future.result() if future is not None else {}
    except Exception as error:  # a worker may raise anything, and other points do not depend on it
        row["error"] = _line(error)
    return row


def _line(error):
    text = " ".join(str(error).split())
    return text if isinstance(error, InputError) else f"{type(error).__name__}: {text}"
