"""The rectangles of a Gantt chart: few enough to draw, whatever the number of cycles, and never misleading.

The exact level has a rectangle per event. A coarser one cuts time into bins of cycles, and a bin is a stack of
rectangles, as high as the share of its cycles that each state has. So a thin interval neither vanishes nor grows.
"""

from dataclasses import dataclass

import numpy as np

from myhdl_acc.trace.occupancy import state_order

LIMIT = 20_000
"""Rectangles that a browser draws without a pause. The exact level is shown whenever no more are in sight."""

HEIGHT = 0.8
"""Height of a track's row of rectangles; rows are 1 apart."""

LEVELS = 4
"""Levels at most."""

_BINS = (100, 1000)  # least and most bins of the coarsest level
_FINER = 4  # times as many bins in the next level


@dataclass(frozen=True)
class Level:
    """Rectangles in numpy columns: ``left`` and ``right`` in cycles, ``y`` of the middle and ``height`` in rows (row i
    is centred at −i), and ``state`` and ``op`` as numbers into the table's names; ``cycles`` of a bin, 0 if exact.
    ``op`` is −1 where a rectangle holds several.
    """

    cycles: int
    columns: dict

    def __len__(self):
        return len(self.columns["left"])


def exact_level(table, tracks):
    """The Level that has a rectangle for each event of ``tracks`` (from the top row down) of a merged EventTable."""
    parts = []
    rows = table.track_rows()
    for number, track in enumerate(tracks):
        chosen = rows[track]
        columns = (table.cycle_start, table.cycle_end, table.state, table.op)
        left, right, state, op = (column[chosen] for column in columns)
        parts.append((left, right, np.full(len(chosen), -number), np.full(len(chosen), HEIGHT), state, op))
    return _level(0, parts)


def binned_level(table, tracks, cycles):
    """Likewise with bins of so many cycles."""
    parts = []
    rows = table.track_rows()
    start, end = table.span
    edges = np.append(np.arange(start, end, cycles), end)
    for number, track in enumerate(tracks):
        ops = np.unique(table.op[rows[track]])
        op = ops[0] if len(ops) == 1 else -1
        for left, right, low, high, state in _stacks(table, rows[track], edges):
            y, height = -number + HEIGHT * ((low + high) / 2 - 0.5), HEIGHT * (high - low)
            parts.append((left, right, y, height, np.full(len(left), state), np.full(len(left), op)))
    return _level(cycles, parts)


def levels(table, tracks, limit=LIMIT):
    """The exact Level of a merged EventTable and, where that is more than ``limit`` rectangles, coarser ones: each is
    coarser than the one before, and the last has some ``limit`` rectangles for the whole run."""
    found = [exact_level(table, tracks)]
    if len(found[0]) > limit:
        start, end = table.span
        bins = int(np.clip(limit // (2 * len(tracks)), *_BINS))
        while bins < end - start and len(found) < LEVELS:
            level = binned_level(table, tracks, -(-(end - start) // bins))
            if len(level) >= len(found[0]) // 2:
                break
            found.insert(1, level)
            bins *= _FINER
    return found


def _level(cycles, parts):
    names = ("left", "right", "y", "height", "state", "op")
    types = (np.int32, np.int32, np.float32, np.float32, np.int16, np.int16)
    columns = zip(*parts, strict=True) if parts else [[np.zeros(0)]] * len(names)
    return Level(
        cycles, {n: np.concatenate(column).astype(kind) for n, kind, column in zip(names, types, columns, strict=True)}
    )


def _stacks(table, rows, edges):
    """(left, right, low, high, state) of one track, arrays but for the state, bins of one and the same state joined."""
    starts, ends, codes = table.cycle_start[rows], table.cycle_end[rows], table.state[rows]
    names = table.names["state"]
    lengths = np.diff(edges)
    shares = {}
    for code in np.unique(codes):
        chosen = codes == code
        # Cycles in this state before a given cycle: linear between the ends of the state's intervals.
        times = np.stack([starts[chosen], ends[chosen]], axis=1).ravel()
        before = np.r_[0, np.cumsum(ends[chosen] - starts[chosen])]
        counts = np.stack([before[:-1], before[1:]], axis=1).ravel()
        shares[names[code]] = np.diff(np.interp(edges, times, counts)) / lengths
    order = state_order(shares)
    stack = np.cumsum([np.zeros(len(lengths)), *(shares[state] for state in order)], axis=0)
    for number, state in enumerate(order):
        low, high = stack[number], stack[number + 1]
        filled = high - low > 1e-12
        joins = (shares[state][:-1] == 1) & (shares[state][1:] == 1)
        first = np.flatnonzero(filled & ~np.r_[False, joins])
        last = np.flatnonzero(filled & ~np.r_[joins, False])
        yield edges[first], edges[last + 1], low[first], high[first], names.index(state)
