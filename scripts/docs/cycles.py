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
}


def cycles(run, figure):
    """A run's ``cycles`` per token, ``rate``, shares of the ``peak`` and ``achievable`` bandwidth, or of ``beats``."""
    runs = data.read("cycles")
    field, pattern = _FIGURES.get(figure, ("", ""))
    if field not in runs.get(run, {}):
        raise InputError(f"docs: no figure {figure!r} of run {run!r}; runs: {', '.join(runs)}; {', '.join(_FIGURES)}")
    return pattern.format(runs[run][field]).replace("%", " %")
