"""Points of the design space as data for charts: which are best, their rooflines, and what repeats each."""

import json
import shlex
from pathlib import Path

from myhdl_acc.report.perf.report import ACHIEVABLE
from myhdl_acc.report.sweep.best import Goal
from myhdl_acc.report.sweep.columns import CONFIG
from myhdl_acc.report.sweep.results import read
from myhdl_acc.report.sweep.settings import differences
from myhdl_acc.rtl.config import PRESETS

POINTS = Path(__file__).parents[1] / "report" / "sweep" / "measured.parquet"
"""Measured points that come with the source: cycles of the RTL, and of the U280 what a configuration takes."""

_PRODUCTS = 16  # that an atom has


def load(path):
    """The rows of a results file that have figures."""
    return [row for row in read(path) if row["error"] is None]


def command(row):
    """The command line that measures the decoded token of ``row`` again."""
    values = {name: row[name] for name in CONFIG}
    preset = next((name for name, config in PRESETS.items() if fields(config) == values), None)
    config = preset or f"<(echo {shlex.quote(json.dumps(values))})"
    weights = "" if row["weights"] == "own" else f" --weights {row['weights']}"
    compose = " --compose" if row["method"] == "composed" else ""
    return (
        f"myhdl-acc perf --model {shlex.quote(row['model'])}{weights} --config {config} --context {row['context']}"
        f" --window {row['window']} --clock {row['clock']}{compose}"
    )


def fields(config):
    """The fields of an AcceleratorConfig."""
    return {name: getattr(config, name) for name in CONFIG}


def label(row):
    """What a point is called."""
    return f"{row['model']}, {row['weights']}, cache of {row['window']}, {differences(row)}"


def pareto(rows, gain, cost):
    """Keys of those of ``rows`` that no other one with the same workload beats in both columns."""
    return {row["key"] for row in Goal((gain, cost), ()).best(rows)}


def roofline(row):
    """``(products per byte, products per cycle, most products per cycle, most bytes per cycle)`` of a decoded token.

    Products are those that multipliers form for one row; the most bytes are what a card was measured to give.
    """
    atoms = row["beat_bits"] // 64
    most = row["lanes"] * atoms * _PRODUCTS
    products = row["multiplied"] * most
    port = row["beat_bits"] / 8
    memory = row["lanes"] * min(port, ACHIEVABLE / (row["clock"] * 1e6))
    return products / row["bytes_per_token"], products / row["cycles"], most, memory
