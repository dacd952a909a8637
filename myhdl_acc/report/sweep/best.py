"""The points that are worth having: a goal, and the Pareto set of it."""

import operator
import re
from dataclasses import dataclass

from golden.errors import InputError, shown
from myhdl_acc.report.sweep.columns import COLUMNS, GAINS, NUMBERS, WORKLOAD

#: What a condition may ask.
TESTS = {
    "<=": operator.le, ">=": operator.ge, "!=": operator.ne, "<": operator.lt, ">": operator.gt, "=": operator.eq,
}  # fmt: skip
_CONDITION = re.compile(r"(\w+)\s*(<=|>=|!=|<|>|=)\s*(.+)")


@dataclass(frozen=True)
class Goal:
    """``columns`` to have as good as possible together; ``conditions`` (column, test, value) that all must hold."""

    columns: tuple
    conditions: tuple

    @classmethod
    def parse(cls, text):
        """``tokens_per_s, lut where dsp<0.75 and model=smollm2``; raises InputError for anything else."""
        wanted, _, where = text.partition(" where ")
        columns = [_column("--best", name.strip(), NUMBERS) for name in wanted.split(",")]
        conditions = parse_conditions("--best", where)
        # A cost that is bounded is a cost: what is under the bound is still better with less of it.
        columns += [name for name, test, _ in conditions if test in ("<", "<=") and name not in GAINS]
        return cls(tuple(dict.fromkeys(columns)), tuple(conditions))

    def holds(self, row):
        """Whether ``row`` was measured, has all columns of the goal, and meets the conditions."""
        needed = (*self.columns, *(name for name, _, _ in self.conditions))
        if row["error"] is not None or any(row[name] is None for name in needed):
            return False
        return all(TESTS[test](row[name], value) for name, test, value in self.conditions)

    def best(self, rows):
        """The Pareto set of ``rows``: of points with one workload, those that no other one beats. The best in the first
        column come first.
        """
        kept = [row for row in rows if self.holds(row)]
        costs = {row["key"]: self._costs(row) for row in kept}
        groups = {}
        for row in kept:
            groups.setdefault(tuple(row[name] for name in WORKLOAD), []).append(row)
        return [
            row
            for group in groups.values()
            for row in sorted(group, key=lambda row: costs[row["key"]])
            if not any(_beats(costs[other["key"]], costs[row["key"]]) for other in group)
        ]

    def _costs(self, row):
        return tuple(-row[name] if name in GAINS else row[name] for name in self.columns)


def _beats(costs, others):
    return costs != others and all(mine <= its for mine, its in zip(costs, others, strict=True))


def parse_conditions(what, text):
    """The conditions (column, test, value) of ``text``, joined by ``and``; ``what`` is named by the InputError for any
    other text.
    """
    return [_condition(what, part.strip()) for part in text.split(" and ")] if text.strip() else []


def _column(what, name, names):
    if name not in names:
        raise InputError(f"{what}: there is no column {shown(name)}; there are {', '.join(names)}")
    return name


def _condition(what, text):
    found = _CONDITION.fullmatch(text)
    if not found:
        raise InputError(f"{what}: {shown(text)} is no condition; one is lut<0.75 or model=smollm2")
    name, test, value = found.groups()
    _column(what, name, COLUMNS)
    if COLUMNS[name] is str:
        if test not in ("=", "!="):
            raise InputError(f"{what}: {name} is a text: compare it with = or !=")
        return name, test, value.strip("'\"")
    try:
        return name, test, float(value)
    except ValueError:
        raise InputError(f"{what}: {shown(value)} is not a number") from None
