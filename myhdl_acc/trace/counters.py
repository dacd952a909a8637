"""How full the prefetch queues were, and how much of its bandwidth memory gave: figures of a run with all ports.

A lane's queue holds what memory has given and the lane has not taken. Lane 0 also reads the program and the prompt,
which come before the weights.
"""

import numpy as np

PERIOD = 64  #: cycles over which a rate is counted


def has_ports(run):
    """Whether the memory ports of a Run were recorded."""
    return "sink_r" in run.table.names["unit"]


def queue_fill(run, cycles):
    """Beats in the prefetch queue of every lane at the beginning of each of ``cycles``: int64 (lanes, cycles)."""
    found = []
    for lane in run.lanes:
        read = _passed(run, "sink_r", "transfer", lane)
        taken = _passed(run, "lane", "beat", lane)
        own = read.total - taken.total  # of the program and the prompt
        found.append(np.maximum(read.before(cycles) - own, 0) - taken.before(cycles))
    return np.array(found, np.int64).reshape(len(run.lanes), len(cycles))


def fill_edges(run):
    """The cycles in which the fill of any lane begins to rise or to fall: it is linear in between."""
    parts = [run.table.filter(unit="sink_r", state="transfer"), run.table.filter(unit="lane", state="beat")]
    return np.unique(np.concatenate([[0, run.cycles], *([part.cycle_start, part.cycle_end] for part in parts)], None))


def fill_extremes(run):
    """``(deepest, shallowest)`` beats in any lane's queue: the shallowest from when it was deepest until memory gave
    the last beat.
    """
    deepest = shallowest = None
    edges = fill_edges(run)
    last = run.table.filter(unit="sink_r", state="transfer").cycle_end.max(initial=0)
    for fill in queue_fill(run, edges):
        most = int(np.argmax(fill))
        steady = fill[most:][edges[most:] <= last]
        deepest = max(int(fill[most]), deepest or 0)
        least = int(steady.min(initial=fill[most]))
        shallowest = least if shallowest is None else min(least, shallowest)
    return deepest, shallowest


def read_rate(run, period=PERIOD):
    """``(cycles, rates)``: beats per cycle that memory gave a lane, lanes averaged, over ``period`` cycles from each
    of ``cycles`` on. The last ones may be fewer.
    """
    edges = np.r_[np.arange(0, run.cycles, period), run.cycles]
    lengths = np.diff(edges)
    given = sum(np.diff(_passed(run, "sink_r", "transfer", lane).before(edges)) for lane in run.lanes)
    return edges[:-1], given / lengths / max(1, len(run.lanes))


class _Passed:
    """How many words have passed before a cycle; ``starts`` and ``ends`` of the intervals in which one does."""

    def __init__(self, starts, ends):
        order = np.argsort(starts)
        self._times = np.stack([starts[order], ends[order]], axis=1).ravel()
        before = np.r_[0, np.cumsum(ends[order] - starts[order])]
        self._counts = np.stack([before[:-1], before[1:]], axis=1).ravel()
        self.total = int(before[-1])

    def before(self, cycles):
        if not len(self._times):
            return np.zeros(len(cycles), np.int64)
        return np.interp(cycles, self._times, self._counts).round().astype(np.int64)


def _passed(run, unit, state, lane):
    found = run.table.filter(unit=unit, lane=lane, state=state)
    return _Passed(found.cycle_start, found.cycle_end)
