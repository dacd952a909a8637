"""Signals that know when they have their value, so that a pipeline delays what comes too early by itself."""

from myhdl._Signal import _Signal

from golden.errors import InputError
from myhdl_acc.hdl.circuit import circuit
from myhdl_acc.hdl.record import Record


class Timed:
    """A signal or record, ``value``, and the ``cycle`` in which it has its value, 0 for a unit's operand."""

    def __init__(self, value, cycle=0):
        self.value, self.cycle = value, cycle
        self._lines = {cycle: value}

    def at(self, cycle):
        """The signal or record that has the value in this ``cycle``. Users of the same cycle share one delay line."""
        if cycle < self.cycle:
            raise InputError(f"{_user()}: wants in cycle {cycle} what comes in cycle {self.cycle}")
        if cycle not in self._lines:
            early = self.value if isinstance(self.value, Record) else Record(line=self.value)
            late = early.delay(cycle - self.cycle)
            self._lines[cycle] = late if early is self.value else late.line
        return self._lines[cycle]

    def expect(self, latency):
        """Raises InputError unless the value comes in the cycle that its unit states as its latency."""
        if self.cycle != latency:
            raise InputError(f"{_user()}: states a latency of {latency}, but its result comes in cycle {self.cycle}")


def apply(unit, **ports):
    """Place a block that states its latency, by ``@entity(latency=3)`` or ``@block(latency=3)``.

    A Timed port is an operand; all of them are delayed to the latest. A signal or record is a result and comes back as
    Timed, several in a list. Other arguments are passed on. ``unit.latency`` is what the block states.
    """
    if getattr(unit, "latency", None) is None:
        raise InputError(f"{_user()}: {unit.func.__name__} states no latency")
    start = max(port.cycle for port in ports.values() if isinstance(port, Timed))
    unit(**{name: port.at(start) if isinstance(port, Timed) else port for name, port in ports.items()})
    results = [Timed(port, start + unit.latency) for port in ports.values() if isinstance(port, _Signal | Record)]
    return results[0] if len(results) == 1 else results


def _user():
    return circuit().code.co_name
