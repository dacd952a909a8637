"""The events of a simulated engine, with its lanes' states by name."""

from myhdl_acc.rtl.engine.sequencer import STATES
from myhdl_acc.trace.events import EventTable

_PROBE = "state"


def engine_table(events):
    """The EventTable of a simulation's recorded ``events`` of engine.engine().

    Lane 3 of the probe ``state`` becomes lane 3 of the unit ``lane``, its value N the state number N of a sequencer.
    Probes that are no lane's state, such as ``error``, are left out.
    """
    named = {f"value:{number}": state for number, state in enumerate(STATES)}
    kept = []
    for event in events:
        if event.unit == _PROBE and event.lane >= 0:
            kept.append(event._replace(unit="lane", state=named[event.state]))
        elif not event.state.startswith("value:"):
            kept.append(event)
    return EventTable(kept)
