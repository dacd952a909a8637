"""A goal of several columns as one number, and how far a point is from what it must hold."""

import math
from dataclasses import dataclass

from golden.errors import InputError, shown
from myhdl_acc.report.sweep.best import TESTS, parse_conditions
from myhdl_acc.report.sweep.columns import GAINS, NUMBERS, RESOURCES

_FAR = 1e6  # from holding, where nothing is known


@dataclass(frozen=True)
class Weighed:
    """``weights`` ({column: weight}), and ``conditions`` as those of a Goal."""

    weights: dict
    conditions: tuple

    @classmethod
    def parse(cls, weights, where):
        """Of a mapping and of conditions joined by ``and``; raises InputError for anything else."""
        for name, weight in weights.items():
            if name not in NUMBERS:
                raise InputError(f"goal: there is no column {shown(name)}; there are {', '.join(NUMBERS)}")
            if isinstance(weight, bool) or not isinstance(weight, int | float) or not 0 < weight < math.inf:
                raise InputError(f"goal: {shown(weight)} is not a weight for {name}: a number above 0")
        return cls(dict(weights), tuple(parse_conditions("where", where)))

    @property
    def _used(self):
        return (*self.weights, *(name for name, _, _ in self.conditions))

    @property
    def area(self):
        """Its columns that say what is taken of the card."""
        known = (*RESOURCES, *(f"{name}_cells" for name in RESOURCES))
        return [name for name in self.columns if name in known]

    def needs(self, column):
        """Whether ``column`` is a part of it."""
        return column in self._used

    def missed(self, row):
        """0 where ``row`` has all columns and meets all conditions; otherwise how far it is from that."""
        if row["error"] is not None or any(row[name] is None for name in self.weights):
            return _FAR
        return sum(_missed(row[name], test, value) for name, test, value in self.conditions)

    def score(self, row):
        """The weighed mean of the logarithms of the columns, costs negative: more is better, 0.01 is 1 %."""
        total = sum(self.weights.values())
        return (
            sum(
                weight * math.log(max(row[name], 1e-12)) * (1 if name in GAINS else -1)
                for name, weight in self.weights.items()
            )
            / total
        )

    def ranked(self, rows):
        """Those of ``rows`` that meet the conditions, the best first."""
        return sorted((row for row in rows if not self.missed(row)), key=self.score, reverse=True)

    @property
    def columns(self):
        """Its columns of numbers."""
        return [name for name in dict.fromkeys(self._used) if name in NUMBERS]

    def text(self):
        """``tokens_per_s, 2 times prefill_tokens_per_s``, and the conditions."""
        parts = [name if weight == 1 else f"{weight:g} times {name}" for name, weight in self.weights.items()]
        conditions = " and ".join(
            f"{name}{test}{value if isinstance(value, str) else format(value, 'g')}"
            for name, test, value in self.conditions
        )
        return ", ".join(parts) + (f" where {conditions}" if conditions else "")


def _missed(found, test, value):
    if found is None:
        return _FAR
    if TESTS[test](found, value):
        return 0.0
    if isinstance(value, str) or test in ("=", "!="):
        return 1.0
    return abs(found - value) / max(abs(value), 1e-12) + 1e-6
