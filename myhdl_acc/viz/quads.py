"""The rectangles of a Gantt chart: few enough to look at, whatever the number of cycles, and never misleading.

A track with few events has a rectangle per event. One with more is cut into bins of cycles, and a bin is a stack of
rectangles, as high as the share of the bin's cycles that each state has. So a thin interval neither vanishes nor grows.
"""

import numpy as np

from myhdl_acc.trace.occupancy import state_order
from myhdl_acc.viz.palette import colour

BINS = 1000
HEIGHT = 0.8
"""Height of a track's row of rectangles; rows are 1 apart."""

COLUMNS = ("left", "right", "bottom", "top", "track", "state", "colour", "op", "share")


def gantt_quads(table, bins=BINS):
    """``({column: list}, [Track])`` of an EventTable: rectangles, and the tracks from the top row to the bottom row.

    The row of track number i is centred at −i. ``left`` and ``right`` are cycles, ``share`` the share of the
    rectangle's cycles that were in its state, ``op`` is empty where a rectangle holds several events.
    """
    table = table.merged()
    start, end = table.span
    columns = {name: [] for name in COLUMNS}
    tracks = table.track_rows()
    for number, (track, rows) in enumerate(tracks.items()):
        if len(rows) <= bins:
            parts = _exact(table, rows)
        else:
            edges = np.unique(np.linspace(start, end, bins + 1).round().astype(np.int64))
            parts = _binned(table, rows, edges)
        for left, right, low, high, state, op in parts:
            values = (left, right, -number - HEIGHT / 2 + HEIGHT * low, -number - HEIGHT / 2 + HEIGHT * high)
            for name, value in zip(COLUMNS, (*values, track.label, state, colour(state), op, high - low), strict=True):
                columns[name].append(value)
    return columns, list(tracks)


def _exact(table, rows):
    states, ops = table.names["state"], table.names["op"]
    for left, right, state, op in zip(
        table.cycle_start[rows].tolist(),
        table.cycle_end[rows].tolist(),
        table.state[rows].tolist(),
        table.op[rows].tolist(),
        strict=True,
    ):
        yield left, right, 0.0, 1.0, states[state], ops[op]


def _binned(table, rows, edges):
    """(left, right, low, high, state, "") of one track, bins of one and the same state joined."""
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
        for left, right in zip(first, last, strict=True):
            yield int(edges[left]), int(edges[right + 1]), float(low[left]), float(high[left]), state, ""
