"""Several MyHDL simulations in one process.

MyHDL keeps its signals, its event queue and its time in module globals and allows one Simulation. A Kernel puts its
own in their place while it elaborates or simulates, so sessions neither see nor slow down each other.
"""

import contextlib

from myhdl import Simulation, _simulator, delay, instance


class Kernel:
    """One MyHDL simulation that advances by whole time steps."""

    def __init__(self):
        self._signals, self._events, self._time = [], [], 0
        self._simulation = None

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

    def start(self, *instances):
        """Make the simulation of these instances; call it once."""

        @instance
        def heartbeat():  # MyHDL ends a simulation that has no more events
            while True:
                yield delay(1)

        Simulation._no_of_instances = 0
        self._simulation = Simulation(*instances, heartbeat)
        Simulation._no_of_instances = 0

    def step(self):
        """Let assigned signals take effect and everything settle, then advance by one time step."""
        self._simulation.run(1, quiet=1)

    @property
    def failed(self):
        """Whether an exception ended the simulation; MyHDL has then closed its co-simulation."""
        return self._simulation is not None and self._simulation._finished

    def stop(self):
        """Drop the simulation and its generators."""
        self._simulation = None
        self._signals, self._events = [], []
