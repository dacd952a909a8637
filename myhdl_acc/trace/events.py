"""The one event table: what every stream and lane did, cycle by cycle, as run-length intervals.

Everything that shows or counts cycles (occupancy, Perfetto, VCD, the HTML pages and notebooks) reads this table; it is
filled from the simulated RTL only.
"""

from typing import NamedTuple

import numpy as np

from golden.errors import InputError
from myhdl_acc.hdl.stream.stream import STATES
from myhdl_acc.rtl.engine import sequencer

STREAM_STATES = STATES[::-1]
"""A stream's cycle: both valid and ready, valid only, ready only, neither. The useful one is first."""

LANE_STATES = (*sequencer.STATES[1:], sequencer.STATES[0])
"""A lane's cycle: it accepted a beat, or why not: memory had none, the stationary slice is not there yet, the results
of an earlier operation are not collected yet, no command. The useful one is first."""


class Event(NamedTuple):
    """A state that lasted from ``cycle_start`` up to, and not including, ``cycle_end``.

    ``unit`` is a stream or block. ``lane`` and ``row`` are −1 where the unit does not belong to one; ``op`` is the
    operation that was under way, ``""`` where that is not known.
    """

    cycle_start: int
    cycle_end: int
    unit: str
    lane: int
    row: int
    op: str
    state: str


class Track(NamedTuple):
    """What an event belongs to; the events of one track never overlap."""

    unit: str
    lane: int = -1
    row: int = -1

    @property
    def label(self):
        """``unit``, ``unit 3`` (lane 3) or ``unit 3.1`` (lane 3, row 1); ``unit .1`` if only the row is known."""
        lane = str(self.lane) if self.lane >= 0 else ""
        row = f".{self.row}" if self.row >= 0 else ""
        return f"{self.unit} {lane}{row}".rstrip()


class _Names:
    """Strings by number, so that a column of names is a column of small integers."""

    def __init__(self, names=()):
        self.names = list(names)
        self.codes = {name: code for code, name in enumerate(self.names)}

    def code(self, name):
        if name not in self.codes:
            self.codes[name] = len(self.names)
            self.names.append(name)
        return self.codes[name]

    def encode(self, values):
        """Codes of one string, or of a sequence of strings."""
        return self.code(values) if isinstance(values, str) else [self.code(str(value)) for value in values]


_NUMBERS = {"cycle_start": np.int64, "cycle_end": np.int64, "lane": np.int32, "row": np.int32}
_TEXTS = ("unit", "op", "state")
_DTYPE = np.dtype([(name, _NUMBERS.get(name, np.int32)) for name in Event._fields])


class EventTable:
    """Events in numpy columns: 36 bytes a row, appending is amortised O(1), millions of rows are fine.

    Iterating and indexing gives ``Event``; the column attributes (``table.cycle_start`` …) are read-only arrays, those
    of ``unit``, ``op`` and ``state`` hold numbers into ``table.names["unit"]`` ….
    """

    def __init__(self, events=()):
        self._rows = np.empty(16, _DTYPE)
        self._used = 0
        self._names = {column: _Names() for column in _TEXTS}
        self.extend(events)

    @property
    def names(self):
        """{column: list of names} of the columns ``unit``, ``op`` and ``state``."""
        return {column: list(names.names) for column, names in self._names.items()}

    def __len__(self):
        return self._used

    def __getattr__(self, name):
        if name.startswith("_") or name not in _DTYPE.names:
            raise AttributeError(name)
        column = self._rows[name][: self._used]
        column.flags.writeable = False
        return column

    def __getitem__(self, index):
        row = dict(zip(_DTYPE.names, self._rows[: self._used][index].item(), strict=True))
        return Event(**row | {column: self._names[column].names[row[column]] for column in _TEXTS})

    def __iter__(self):
        columns = [self._rows[name][: self._used].tolist() for name in _DTYPE.names]
        for index, name in enumerate(_DTYPE.names):
            if name in _TEXTS:
                names = self._names[name].names
                columns[index] = [names[code] for code in columns[index]]
        return map(Event._make, zip(*columns, strict=True))

    def append(self, event):
        """Add one Event."""
        self.extend([event])

    def extend(self, events):
        """Add Events (or tuples in the same order)."""
        columns = list(zip(*events, strict=True))
        if columns:
            self.extend_columns(**dict(zip(Event._fields, columns, strict=True)))

    def extend_columns(self, cycle_start, cycle_end, unit, lane=-1, row=-1, op="", state="idle"):
        """Add many events at once: each argument is one value for all of them, or an array as long as ``cycle_start``.

        Raises ValueError if an event would not last at least one cycle.
        """
        values = {"cycle_start": cycle_start, "cycle_end": cycle_end, "lane": lane, "row": row}
        values |= {
            column: self._names[column].encode(value)
            for column, value in (("unit", unit), ("op", op), ("state", state))
        }
        count = len(cycle_start)
        rows = np.empty(count, _DTYPE)
        for name, value in values.items():
            rows[name] = value
        if np.any(rows["cycle_end"] <= rows["cycle_start"]):
            raise ValueError("an event lasts at least one cycle: cycle_end must be greater than cycle_start")
        self._reserve(self._used + count)
        self._rows[self._used : self._used + count] = rows
        self._used += count

    def extend_table(self, other, shift=0, op=None):
        """Add another table's events, ``shift`` cycles later and, if ``op`` is given, under that operation's name."""
        rows = other._rows[: len(other)].copy()
        rows["cycle_start"] += shift
        rows["cycle_end"] += shift
        for column in _TEXTS if op is None else ("unit", "state"):
            codes = np.array([self._names[column].code(name) for name in other._names[column].names], np.int32)
            rows[column] = codes[rows[column]] if len(rows) else 0
        if op is not None:
            rows["op"] = self._names["op"].code(op)
        self._reserve(self._used + len(rows))
        self._rows[self._used : self._used + len(rows)] = rows
        self._used += len(rows)

    def _reserve(self, size):
        if size > len(self._rows):
            grown = np.empty(max(size, 2 * len(self._rows)), _DTYPE)
            grown[: self._used] = self._rows[: self._used]
            self._rows = grown

    def _like(self, rows):
        table = EventTable()
        table._rows, table._used, table._names = rows, len(rows), self._names
        return table.copy()

    def copy(self):
        """An independent table with the same events."""
        table = EventTable()
        table._rows, table._used = self._rows[: self._used].copy(), self._used
        table._names = {column: _Names(names.names) for column, names in self._names.items()}
        return table

    def filter(self, **wanted):
        """The events whose columns have the given values: ``filter(unit="lane", lane=[0, 1], state="beat")``."""
        keep = np.ones(self._used, bool)
        for column, values in wanted.items():
            if column not in _DTYPE.names:
                raise ValueError(f"no column {column!r}; there are {', '.join(_DTYPE.names)}")
            values = [values] if np.isscalar(values) else list(values)
            if column in _TEXTS:
                values = [self._names[column].codes.get(value, -1) for value in values]
            keep &= np.isin(self._rows[column][: self._used], values)
        return self._like(self._rows[: self._used][keep])

    def window(self, start, end):
        """The events of the cycles ``start`` ≤ cycle < ``end``, cut at both ends."""
        rows = self._rows[: self._used]
        rows = rows[(rows["cycle_end"] > start) & (rows["cycle_start"] < end)].copy()
        rows["cycle_start"] = np.maximum(rows["cycle_start"], start)
        rows["cycle_end"] = np.minimum(rows["cycle_end"], end)
        return self._like(rows)

    def renamed(self, states):
        """The same events with states renamed by the mapping ``states`` (such as a probe's ``value:3``)."""
        table = self.copy()
        old = table._names["state"].names
        table._names["state"] = new = _Names()
        codes = np.array([new.code(states.get(name, name)) for name in old], np.int32)
        table._rows["state"] = codes[table._rows["state"]]
        return table

    @property
    def span(self):
        """(first cycle, cycle after the last one); (0, 0) for an empty table."""
        if not self._used:
            return 0, 0
        return int(self.cycle_start.min()), int(self.cycle_end.max())

    def track_rows(self):
        """{Track: indices of its events in the order of time}, in the order of first appearance."""
        if not self._used:
            return {}
        keys = np.stack([self.unit, self.lane, self.row], axis=1)
        distinct, first, inverse = np.unique(keys, axis=0, return_index=True, return_inverse=True)
        order = np.lexsort((self.cycle_start, inverse))
        groups = np.split(order, np.cumsum(np.bincount(inverse.ravel(), minlength=len(distinct)))[:-1])
        units = self._names["unit"].names
        return {
            Track(units[distinct[i, 0]], int(distinct[i, 1]), int(distinct[i, 2])): groups[i] for i in np.argsort(first)
        }

    def totals(self):
        """{unit: {state: cycles}}, summed over the unit's lanes and rows."""
        totals = {}
        length = self.cycle_end - self.cycle_start
        pairs = self.unit.astype(np.int64) * max(1, len(self._names["state"].names)) + self.state
        for pair in np.unique(pairs):
            unit, state = divmod(int(pair), len(self._names["state"].names))
            by_state = totals.setdefault(self._names["unit"].names[unit], {})
            by_state[self._names["state"].names[state]] = int(length[pairs == pair].sum())
        return totals

    def merged(self):
        """The same information in as few events as possible: sorted by track and time, neighbours that agree in
        state and op and touch are one."""
        order = [rows for rows in self.track_rows().values()]
        if not order:
            return self.copy()
        rows = self._rows[: self._used][np.concatenate(order)]
        same = rows["cycle_end"][:-1] == rows["cycle_start"][1:]
        for column in ("unit", "lane", "row", "op", "state"):
            same &= rows[column][:-1] == rows[column][1:]
        starts = np.flatnonzero(np.r_[True, ~same])
        merged = rows[starts].copy()
        merged["cycle_end"] = rows["cycle_end"][np.r_[starts[1:] - 1, len(rows) - 1]]
        return self._like(merged)

    def columns(self):
        """{name: array} of all that there is; from_columns() is the inverse."""
        columns = {name: self._rows[name][: self._used] for name in _DTYPE.names}
        names = {f"{column}_names": np.array(names.names, dtype=np.str_) for column, names in self._names.items()}
        return columns | names

    @classmethod
    def from_columns(cls, columns):
        """The table that columns() gave these arrays of. Raises InputError for anything else."""
        expected = {*_DTYPE.names, *(f"{text}_names" for text in _TEXTS)}
        if set(columns) != expected:
            raise InputError(f"not an event table; it must hold exactly {', '.join(sorted(expected))}")
        table = cls()
        rows = np.empty(columns["cycle_start"].size, _DTYPE)
        for name in _DTYPE.names:
            if columns[name].shape != rows.shape or columns[name].dtype.kind != "i":
                raise InputError(f"column {name} must be one integer per event ({len(rows)})")
            rows[name] = columns[name]
        for text in _TEXTS:
            names = columns[f"{text}_names"]
            if names.dtype.kind != "U" or names.ndim != 1:
                raise InputError(f"{text}_names must be a list of strings")
            if np.any((columns[text] < 0) | (columns[text] >= len(names))):
                raise InputError(f"column {text} must number one of its {len(names)} names")
            table._names[text] = _Names(names.tolist())
        if np.any(rows["cycle_end"] <= rows["cycle_start"]):
            raise InputError("an event must last at least one cycle")
        table._rows, table._used = rows, len(rows)
        return table
