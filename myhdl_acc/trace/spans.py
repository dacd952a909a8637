"""Layers, matrices and commands of a recorded pass as nested spans of a lane's cycles: all its cycles, each in one."""

from dataclasses import dataclass
from itertools import groupby

import numpy as np

from myhdl_acc.trace.events import LANE_STATES
from myhdl_acc.trace.matrices import Work, lost_of, read_kinds
from myhdl_acc.trace.steps import layer_of, matrix_of

LAYER, MATRIX, COMMAND = range(3)


@dataclass(frozen=True)
class Span:
    """Cycles ``start`` ≤ cycle < ``end``, in which a lane did ``work`` (Work). ``depth``: LAYER, MATRIX or COMMAND, and
    its ``name`` within what encloses it; ``commands``: numbers of its commands (a range).
    """

    depth: int
    start: int
    end: int
    name: str
    commands: range
    work: Work


def spans(run, lane=0):
    """The Spans of ``lane`` in a Run, each before those within it. What follows the last command is in none."""
    rows = run.lane(lane)
    ends = command_ends(rows)
    starts = np.r_[0, ends[:-1]]
    cycles = np.zeros((len(run.commands) + 1, len(LANE_STATES)), int)
    for number, state in enumerate(LANE_STATES):
        chosen = rows[rows["state"] == state]
        np.add.at(cycles[:, number], chosen["command"], chosen["end"] - chosen["start"])
    regions = run.commands["name"].tolist()

    def span(depth, name, region, group):
        commands = range(group[0], group[-1] + 1)
        total = cycles[commands.start : commands.stop].sum(axis=0)
        work = Work(region, read_kinds(run.commands[group]), int(total[0]), int(total.sum()), lost_of(total))
        return Span(depth, int(starts[group[0]]), int(ends[group[-1]]), name, commands, work)

    found = []
    for layer, of_layer in _groups(range(len(regions)), lambda number: layer_of(regions[number])):
        found.append(span(LAYER, layer, layer, of_layer))
        for region, of_matrix in _groups(of_layer, regions.__getitem__):
            found.append(span(MATRIX, matrix_of(region), region, of_matrix))
            found += [span(COMMAND, f"command {number}", region, [number]) for number in of_matrix]
    return found


def command_ends(rows):
    """The cycle behind the last beat of each command, of a lane's ``rows`` (LANE)."""
    beats = rows[rows["state"] == "beat"]
    return beats["end"][np.flatnonzero(np.diff(np.r_[beats["command"], -1]))]


def _groups(items, key):
    return [(name, list(group)) for name, group in groupby(items, key)]
