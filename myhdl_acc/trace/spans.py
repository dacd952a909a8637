"""Layers, matrices and commands of a recorded pass as nested spans of a lane's cycles: all its cycles, each in one."""

from dataclasses import dataclass
from itertools import groupby

import numpy as np

from myhdl_acc.trace.matrices import READS
from myhdl_acc.trace.steps import layer_of, matrix_of

LAYER, MATRIX, COMMAND = range(3)


@dataclass(frozen=True)
class Span:
    """Cycles ``start`` ≤ cycle < ``end``, in which a lane takes ``beats`` or waits for them. ``depth``: LAYER, MATRIX
    or COMMAND; ``command``: number of the first one in it."""

    depth: int
    start: int
    end: int
    name: str
    reads: str
    beats: int
    command: int

    @property
    def text(self):
        """``ffn_down · w2, 100 beats, 285 cycles``."""
        return f"{self.name} · {self.reads}, {self.beats:,} beats, {self.end - self.start:,} cycles"


def spans(run, lane=0):
    """The Spans of ``lane`` in a Run, each before those within it. What follows the last command is in none."""
    ends = command_ends(run, lane)
    starts = np.r_[0, ends[:-1]]
    numbered = list(enumerate(run.commands["name"].tolist()))

    def span(depth, name, group):
        first, last = group[0][0], group[-1][0]
        commands = run.commands[first : last + 1]
        reads = ", ".join(dict.fromkeys(READS.get(op, op) for op in commands["op"].tolist()))
        return Span(depth, int(starts[first]), int(ends[last]), name, reads, int(commands["beats"].sum()), first)

    found = []
    for layer, of_layer in _groups(numbered, lambda item: layer_of(item[1])):
        found.append(span(LAYER, layer, of_layer))
        for region, of_matrix in _groups(of_layer, lambda item: item[1]):
            found.append(span(MATRIX, matrix_of(region), of_matrix))
            found += [span(COMMAND, f"command {item[0]}", [item]) for item in of_matrix]
    return found


def command_ends(run, lane=0):
    """The cycle behind the last beat of each command."""
    rows = run.lane(lane)
    beats = rows[rows["state"] == "beat"]
    last = np.flatnonzero(np.diff(np.r_[beats["command"], -1]))
    return beats["end"][last]


def _groups(items, key):
    return [(name, list(group)) for name, group in groupby(items, key)]
