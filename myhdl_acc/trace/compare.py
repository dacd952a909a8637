"""Two runs beside each other: what each matrix took in both, and what made the difference."""

from dataclasses import dataclass

import numpy as np

from myhdl_acc.trace.matrices import kind_work
from myhdl_acc.trace.steps import layer_of, matrix_of


@dataclass(frozen=True)
class Difference:
    """``name`` took ``before`` cycles in one run and ``after`` in the other; ``cause``: what changed most of it, a
    cause of lost cycles or ``beats``; empty where nothing did.
    """

    name: str
    before: float
    after: float
    cause: str

    @property
    def change(self):
        return self.after - self.before

    @property
    def text(self):
        """``ffn_down 285 → 390, +105, memory``."""
        cause = f", {self.cause}" if self.cause else ""
        return f"{self.name} {self.before:,.0f} → {self.after:,.0f}, {self.change:+,.0f}{cause}"


def compare(one, other, work=kind_work):
    """Differences from Run ``one`` to ``other`` in what ``work`` (a function of matrices) finds in both, in that
    order; what only one of them has took 0 cycles in the other. They add up to the difference of the runs.
    """
    before, after = ({found.name: found for found in work(run)} for run in (one, other))
    differences = []
    for name in dict.fromkeys([*before, *after]):
        parts = [_parts(found.get(name)) for found in (before, after)]
        changes = {cause: parts[1].get(cause, 0) - parts[0].get(cause, 0) for cause in parts[0] | parts[1]}
        total = sum(changes.values())
        # What goes the same way as the whole.
        cause = max(changes, key=lambda cause: changes[cause] * np.sign(total), default="")
        differences.append(
            Difference(name, sum(parts[0].values()), sum(parts[1].values()), cause if round(total) else "")
        )
    return differences


def _parts(work):
    """What the cycles of a Work went to."""
    return {} if work is None else {"beats": work.beats, **work.lost}


def compare_causes(one, other):
    """``[(cause, before, after, change)]`` of two sets of causes, {cause: cycles}, the largest first."""
    rows = [(cause, one.get(cause, 0), other.get(cause, 0)) for cause in dict.fromkeys([*one, *other])]
    rows.sort(key=lambda row: -max(row[1:]))
    return [(cause, before, after, after - before) for cause, before, after in rows]


def shift_between(one, other, name, lane=0):
    """Cycles by which Run ``other`` must move so that what is called ``name``, a layer, a matrix or one of a layer,
    begins in it when it begins in ``one``. Raises KeyError for what is not in both.
    """
    return _begin(one, name, lane) - _begin(other, name, lane)


def _begin(run, name, lane):
    for number, region in enumerate(run.commands["name"].tolist()):
        if name in (layer_of(region), matrix_of(region), region):
            rows = run.lane(lane)
            return int(rows["start"][rows["command"] == number][0])
    raise KeyError(f"the run has no {name}")
