"""A recorded run: its events, what it ran, and under which settings. It is what a saved file holds."""

import json
import os
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from golden.errors import InputError
from myhdl_acc.rtl.control.isa import OPS
from myhdl_acc.trace.activity import lane_activity, vector_activity
from myhdl_acc.trace.events import EventTable
from myhdl_acc.trace.npz_file import read_npz, write_npz
from myhdl_acc.trace.occupancy import occupancy
from myhdl_acc.trace.steps import NEED, STEP, labels

#: Of the files that ``save`` writes.
VERSION = 1
_OWN = ("version", "about", "steps", "needs")
_LONGEST = 1 << 28  # cycles of a run; more than a second of the accelerator's clock


@dataclass(frozen=True)
class Run:
    """``table`` EventTable; ``about``: settings by name, plain values (docs/events.md); ``steps`` and ``needs``: the
    tables of trace.steps, empty where it is not known what was executed.

    Raises ValueError where the events are not those of the steps.
    """

    table: EventTable
    about: dict = field(default_factory=dict)
    steps: np.ndarray = field(default_factory=lambda: np.zeros(0, STEP))
    needs: np.ndarray = field(default_factory=lambda: np.zeros(0, NEED))

    def __post_init__(self):
        if self.annotated:
            self._check()

    @property
    def annotated(self):
        """Whether it is known what was executed."""
        return len(self.steps) > 0

    @property
    def title(self):
        """What the run is called in pictures."""
        return self.about.get("title", "")

    @property
    def lanes(self):
        """Numbers of the lanes with events."""
        units = self.table.names["unit"]
        of_lanes = self.table.unit == (units.index("lane") if "lane" in units else -1)
        return sorted(set(self.table.lane[of_lanes].tolist()))

    @property
    def cycles(self):
        return self.table.span[1]

    @cached_property
    def commands(self):
        """The steps of the engine: its commands, by number."""
        return self.steps[self.steps["unit"] == "engine"]

    @cached_property
    def labels(self):
        """A name for each step."""
        return labels(self.steps)

    @cached_property
    def vector(self):
        """The vector unit's intervals, each with its step (activity.vector_activity)."""
        return vector_activity(self.table, self.steps)

    def lane(self, lane):
        """A lane's intervals, each with its command (activity.lane_activity)."""
        if lane not in self._lanes:
            self._lanes[lane] = lane_activity(self.table, lane, self.commands, self.needs, self.vector)
        return self._lanes[lane]

    @cached_property
    def _lanes(self):
        return {}

    def _check(self):
        states = [event.state for event in self.table.filter(unit="vector") if event.state != "idle"]
        if states != self.steps["op"][self.steps["unit"] == "vector"].tolist():
            raise ValueError("the vector unit's events are not its instructions")
        if np.any((self.commands["params"] > self.commands["beats"]) | (self.commands["beats"] < 1)):
            raise ValueError("a command reads nothing")
        for lane in {0, *self.lanes}:
            beats = self.table.filter(unit="lane", lane=lane, state="beat")
            if (beats.cycle_end - beats.cycle_start).sum() != self.commands["beats"].sum():
                raise ValueError("the lanes' beats are not those of the engine's commands")

    def save(self, path):
        """Write everything as a compressed ``.npz`` (plain arrays, no pickles)."""
        about = np.array(json.dumps(self.about))
        write_npz(path, version=VERSION, about=about, steps=self.steps, needs=self.needs, **self.table.columns())

    @classmethod
    def load(cls, path):
        """The inverse of save(); of a file with the columns of an EventTable alone nothing but the events is known.

        Raises InputError for anything else, and for a file of another version.
        """
        path = os.fspath(path)
        arrays = read_npz(path)
        try:
            return cls.from_arrays(arrays, os.path.basename(path))
        except InputError as error:
            raise InputError(f"{path}: {error}") from None

    @classmethod
    def from_arrays(cls, arrays, title):
        """The run that save() wrote these arrays of; ``title``: of one that has none."""
        own = {name: arrays[name] for name in _OWN if name in arrays}
        columns = {name: array for name, array in arrays.items() if name not in _OWN}
        try:
            if own:
                _require(own)
                table = EventTable.from_columns(columns)
                if len(own["steps"]):
                    _require_events(table)
                return cls(table, json.loads(str(own["about"])), own["steps"], own["needs"])
            return cls(EventTable.from_columns(columns), {"title": title})
        except ValueError as error:  # an InputError, what JSON does not allow, or events of other steps
            raise InputError(str(error)) from None


def _require(own):
    """Raises InputError unless these are arrays of this version's run."""
    version = own.get("version")
    if version is None or version.shape or version.dtype.kind != "i" or version != VERSION:
        raise InputError(
            f"a run of version {version}, this program reads version {VERSION}; record it again with --trace"
        )
    for name, dtype in {"steps": STEP, "needs": NEED}.items():
        if name not in own or own[name].dtype != dtype or own[name].ndim != 1:
            raise InputError(f"a damaged run: {name} is not a table of trace.steps")
    about = json.loads(str(own.get("about", "null")))
    if not isinstance(about, dict) or not isinstance(about.get("config", {}), dict):
        raise InputError("a damaged run: it does not say what ran")
    _require_numbers(own["steps"], own["needs"])
    for unit, op in set(zip(own["steps"]["unit"].tolist(), own["steps"]["op"].tolist(), strict=True)):
        if op not in OPS.get(unit, ()):
            raise InputError(f"a damaged run: there is no instruction {unit}.{op}")


def _require_numbers(steps, needs):
    """Raises InputError where a table names a step or a command that there is not."""
    commands = int((steps["unit"] == "engine").sum())
    wrong = np.any((steps["command"] < 0) | (steps["command"] >= max(1, commands)))
    wrong |= any(name.startswith("layers.") and name.count(".") < 2 for name in steps["name"].tolist())
    wrong |= np.any((needs["command"] < 0) | (needs["command"] >= max(1, commands)))
    for unit in ("load", "vector"):
        wrong |= np.any((needs[unit] < -1) | (needs[unit] >= len(steps)))
    if wrong:
        raise InputError("a damaged run: its tables name steps or regions that there are not")


def _require_events(table):
    """Raises ValueError for an EventTable that can be none of a recorded pass."""
    if not 0 <= table.span[0] <= table.span[1] <= _LONGEST:
        raise InputError(f"a damaged run: it lasts from cycle {table.span[0]:,} to {table.span[1]:,}")
    if any(len(set(names)) != len(names) for names in table.names.values()):
        raise InputError("a damaged run: a name stands twice in a list of names")
    occupancy(table)  # which refuses events that overlap
