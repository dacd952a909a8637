"""The events of a simulated engine, with its lanes' states by name."""

import re

from myhdl_acc.trace.events import Event, EventTable

_LANE_PROBE = re.compile(r"state_lane(\d+)$")


def engine_table(events, states):
    """The EventTable of a simulation's recorded ``events`` of engine.engine().

    The probe ``state_lane03`` becomes lane 3 of the unit ``lane``, its value N the state ``states[N]``
    (engine.sequencer.STATES). Probes that are no lane's state, such as ``error``, are left out.
    """
    named = {f"value:{number}": state for number, state in enumerate(states)}
    kept = []
    for event in events:
        probe = _LANE_PROBE.match(event.unit)
        if probe:
            kept.append(Event(*event[:2], "lane", int(probe[1]), *event[4:6], named[event.state]))
        elif not event.state.startswith("value:"):
            kept.append(event)
    return EventTable(kept)
