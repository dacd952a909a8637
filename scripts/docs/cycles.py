"""Figures of runs of the whole accelerator, from docs/data/cycles.json."""

from golden.errors import InputError
from scripts.docs import data

#: Name of a figure: (field of a run, how it is written).
_FIGURES = {
    "cycles": ("cycles_per_token", "{:,.0f}"),
    "rate": ("tokens_per_s", "{:,.1f}"),
    "peak": ("share_of_peak", "{:.1%}"),
    "achievable": ("share_of_achievable", "{:.1%}"),
    "beats": ("utilisation", "{:.0%}"),
    "bytes": ("bytes_per_token", "{:,.0f}"),
}
_SHOWN = 9  # causes of lost cycles; the others together are the last line


def cycles(run, figure):
    """A run's ``cycles`` per token, ``rate``, shares of the ``peak`` and ``achievable`` bandwidth, or of ``beats``."""
    runs = data.read("cycles")
    field, pattern = _FIGURES.get(figure, ("", ""))
    if field not in runs.get(run, {}):
        raise InputError(f"docs: no figure {figure!r} of run {run!r}; runs: {', '.join(runs)}; {', '.join(_FIGURES)}")
    return pattern.format(runs[run][field]).replace("%", " %")


def lost(run):
    """Where a run's lanes took no beat: what the vector unit did meanwhile, or memory."""
    found = data.read("cycles")[run]
    causes = {}
    for cause, count in found["lost_cycles"].items():
        name = cause.partition(" (")[0]
        causes[name] = causes.get(name, 0) + count
    ordered = sorted(causes.items(), key=lambda cause: -cause[1])
    rows = [(f"`{name}`", count) for name, count in ordered[:_SHOWN]]
    rows += [("all others", sum(count for _, count in ordered[_SHOWN:])), ("together", sum(causes.values()))]
    lines = ["| while | cycles of a lane | share |", "|---|---|---|"]
    total = found["cycles_per_token"]
    lines += [f"| {name} | {count:,.0f} | {count / total:.1%} |".replace("%", " %") for name, count in rows]
    return "\n".join(lines)
