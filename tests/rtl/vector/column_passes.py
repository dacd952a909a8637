"""Control of columns by passes of indices, cycle by cycle, for cycle_bench."""

import numpy as np

from myhdl_acc.rtl.config import AcceleratorConfig
from myhdl_acc.rtl.vector.unit import live_token
from myhdl_acc.rtl.vector.unit.flags import COLUMN_FLAGS, STATISTIC_FLAGS
from myhdl_acc.rtl.vector.unit.instructions import INSTRUCTIONS

TINY = AcceleratorConfig.preset("tiny")
WORDS = 12


class Passes:
    """Control of a column by passes of WORDS indices."""

    def __init__(self, *ops):
        self.length = 2 * WORDS + 60
        self.count = self.length * len(ops)
        self.inputs = {}
        self.set("scales_enabled", slice(None), 1)
        for place, op in enumerate(ops):
            self._add(place * self.length, INSTRUCTIONS[op])

    def set(self, name, where, value):
        self.inputs.setdefault(name, np.zeros(self.count, np.int64))[where] = value

    def _add(self, start, row):
        during = slice(start, start + self.length)
        for names, group in ((COLUMN_FLAGS, "flags"), (STATISTIC_FLAGS, "statistics")):
            for name in names:
                self.set(f"control_{group}_{name}", during, row.flag(name))
        issue, commit = self.issues(start), self.commits(start, row)
        self.set("control_take", issue, 1)
        self.set("control_issue", issue + 1, 1)
        self.set("control_address", issue + 1, np.arange(WORDS))
        self.set("control_commit", commit, 1)
        self.set("control_destination", commit + live_token.LATENCY, np.arange(WORDS))
        self.set("control_fresh", commit[0], 1)

    def issues(self, start):
        return start + 5 + np.arange(WORDS)

    def commits(self, start, row):
        return self.issues(start) + row.latency_with(TINY.lanes) + 1
