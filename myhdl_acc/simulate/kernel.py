"""Several MyHDL simulations in one process.

MyHDL keeps its signals, its event queue and its time in module globals and allows one Simulation. A Kernel puts its
own in their place while it elaborates or simulates, so sessions neither see nor slow down each other.
"""

import contextlib

import myhdl
from myhdl import Simulation, _ShadowSignal, _Signal, _Simulation, _simulator, _tristate, delay, instance

from golden.errors import InputError
from myhdl_acc.hdl.convert.place import place_of
from myhdl_acc.simulate.stimulus import SimulationError

DELTAS = 10_000
"""Times that signals may change within a time step; a long chain of assignments needs hundreds."""
_NAMED_DELTAS = 100


class _Changes(list):
    """MyHDL's list of assigned signals, which counts how often they take effect: a loop would never let go."""

    deltas = None
    restless = ()

    def __iter__(self):
        if self.deltas is None:
            return super().__iter__()
        self.deltas += 1
        if self.deltas > DELTAS - _NAMED_DELTAS:
            self.restless = [*self.restless, *super().__iter__()]
            if self.deltas > DELTAS:
                raise CombinationalLoopError
        return super().__iter__()

    @contextlib.contextmanager
    def counted(self):
        """Within this context signals take effect so often at most, else CombinationalLoopError."""
        self.deltas, self.restless = 0, ()
        try:
            yield
        finally:
            self.deltas = None


class CombinationalLoopError(Exception):
    """Signals keep changing each other."""


_simulator._siglist = _changes = _Changes(_simulator._siglist)
for _module in (_ShadowSignal, _Signal, _Simulation, _tristate):
    _module._siglist = _changes


class Kernel:
    """One MyHDL simulation that advances by whole time steps."""

    def __init__(self):
        self._signals, self._events, self._time = [], [], 0
        self._simulation, self._blocks = None, ()

    @contextlib.contextmanager
    def active(self):
        """Signals must be made and steps taken in this context."""
        lists = _simulator._signals, _simulator._futureEvents
        outer, time, pending = [list(items) for items in lists], _simulator._time, list(_simulator._siglist)
        self._swap(lists, [self._signals, self._events], self._time, [])
        try:
            yield
        finally:
            self._signals, self._events = (list(items) for items in lists)
            self._time = _simulator._time
            self._swap(lists, outer, time, pending)

    def _swap(self, lists, contents, time, pending):
        for items, content in zip(lists, contents, strict=True):
            items[:] = content
        _simulator._time, _simulator._siglist[:] = time, pending

    def _names(self):
        """(name, signal) of every signal that a block has a name for."""
        blocks = list(self._blocks)
        for block in blocks:
            if isinstance(block, myhdl._block._Block):
                yield from block.sigdict.items()
                blocks += block.subs

    def start(self, *instances):
        """Make the simulation of these instances; call it once."""
        self._blocks = instances

        @instance
        def heartbeat():  # MyHDL ends a simulation that has no more events
            while True:
                yield delay(1)

        Simulation._no_of_instances = 0
        self._simulation = Simulation(*instances, heartbeat)
        Simulation._no_of_instances = 0

    def step(self):
        """Let assigned signals take effect and everything settle, then advance by one time step.

        Raises SimulationError where that never ends, or a process raises an error.
        """
        try:
            with _changes.counted():
                self._simulation.run(1, quiet=1)
        except CombinationalLoopError:
            restless = {id(sig) for sig in _changes.restless}
            names = sorted({name for name, sig in self._names() if id(sig) in restless})
            raise SimulationError(f"myhdl: a combinational loop never settles: {', '.join(names)}") from None
        except InputError:
            raise
        except (ArithmeticError, LookupError, TypeError, ValueError) as error:
            raise SimulationError(f"myhdl: {place_of(error)}: {error}") from error

    @property
    def failed(self):
        """Whether an exception ended the simulation; MyHDL has then closed its co-simulation."""
        return self._simulation is not None and self._simulation._finished

    def stop(self):
        """Drop the simulation and its generators."""
        self._simulation, self._blocks = None, ()
        self._signals, self._events = [], []
