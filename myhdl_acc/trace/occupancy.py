"""Where the cycles went: per stream and lane, counts and shares that add up."""

from dataclasses import dataclass

from myhdl_acc.trace.events import LANE_STATES, STREAM_STATES

UNRECORDED = "unrecorded"
"""The state of a cycle that no event covers."""

_ORDER = {state: rank for rank, state in enumerate((*STREAM_STATES, *LANE_STATES))}


def state_order(states):
    """``states`` in the order in which they are shown everywhere: useful ones first, unknown names last."""
    return sorted(states, key=lambda state: (_ORDER.get(state, len(_ORDER)), state))


@dataclass(frozen=True)
class Occupancy:
    """Cycles by state of every track: ``counts[Track][state]``; each track's counts add up to ``cycles``."""

    cycles: int
    counts: dict

    def __post_init__(self):
        for track, states in self.counts.items():
            total = sum(states.values())
            if total != self.cycles:
                raise ValueError(f"{track.label}: states cover {total} of {self.cycles} cycles")

    @property
    def states(self):
        """All states that occur, in display order."""
        return state_order({state for states in self.counts.values() for state in states})

    def by_unit(self):
        """{unit: {state: cycles}}, summed over the unit's lanes and rows."""
        totals = {}
        for track, states in self.counts.items():
            into = totals.setdefault(track.unit, {})
            for state, count in states.items():
                into[state] = into.get(state, 0) + count
        return totals

    def as_json(self):
        """{"cycles": n, "tracks": {label: {state: cycles}}}, for the machine-readable reports."""
        return {"cycles": self.cycles, "tracks": {track.label: dict(states) for track, states in self.counts.items()}}

    def text(self):
        """A table for people: a line per track, a column per state in percent, rounded so that a line adds to 100.0."""
        states = self.states
        width = max([len(track.label) for track in self.counts], default=5)
        lines = [" ".join([f"{'track':<{width}}", *(f"{state:>{max(7, len(state))}}" for state in states)])]
        for track, counts in self.counts.items():
            tenths = _tenths_of_percent([counts.get(state, 0) for state in states])
            cells = (f"{t / 10:>{max(7, len(state))}.1f}" for state, t in zip(states, tenths, strict=True))
            lines.append(" ".join([f"{track.label:<{width}}", *cells]))
        return "\n".join(lines)


def _tenths_of_percent(counts):
    """Integers that add up to 1000 and are proportional to ``counts`` to within one (largest remainder method)."""
    total = sum(counts)
    if not total:
        return [0] * len(counts)
    tenths = [1000 * count // total for count in counts]
    by_remainder = sorted(range(len(counts)), key=lambda i: -(1000 * counts[i] % total))
    for i in by_remainder[: 1000 - sum(tenths)]:
        tenths[i] += 1
    return tenths


def occupancy(table, start=None, end=None):
    """The Occupancy of an EventTable, over its whole span or the cycles ``start`` ≤ cycle < ``end``.

    A cycle that no event of a track covers counts as ``unrecorded``. Raises ValueError if events of a track overlap.
    """
    first, last = table.span
    start = first if start is None else start
    end = last if end is None else end
    counts = {track: {UNRECORDED: end - start} for track in table.track_rows()} if end > start else {}
    table = table.window(start, end)
    names = table.names["state"]
    for track, rows in table.track_rows().items():
        starts, ends = table.cycle_start[rows], table.cycle_end[rows]
        if (starts[1:] < ends[:-1]).any():
            raise ValueError(f"{track.label}: events overlap")
        by_state = {}
        for code in sorted(set(table.state[rows].tolist())):
            chosen = table.state[rows] == code
            by_state[names[code]] = int((ends[chosen] - starts[chosen]).sum())
        missing = end - start - sum(by_state.values())
        if missing:
            by_state[UNRECORDED] = missing
        counts[track] = by_state
    return Occupancy(end - start, counts)
