"""Run-length events from what a backend observed, in the one order that all backends share."""

import numpy as np

from myhdl_acc.hdl.stream.stream import STATES
from myhdl_acc.simulate.design import unit_and_lane
from myhdl_acc.simulate.stimulus import WIDEST_INTEGER
from myhdl_acc.trace.events import Event


def recorded_probes(design):
    """The names of the probes that are recorded."""
    return [name for name, (width, _) in design.probes.items() if width <= WIDEST_INTEGER]


def make_events(design, tracks, starts, ends, values):
    """Events of intervals given as equally long arrays, sorted by first cycle, then by track.

    Track numbers count the streams, then the recorded probes; a value is an index into STATES or a probe's value.
    """
    streams = len(design.streams)
    names = [unit_and_lane(name) for name in [*design.streams, *recorded_probes(design)]]
    order = np.lexsort((tracks, starts))
    columns = (np.asarray(column)[order].tolist() for column in (tracks, starts, ends, values))
    events = []
    for track, start, end, value in zip(*columns, strict=True):
        unit, lane = names[track]
        state = STATES[value] if track < streams else f"value:{value}"
        events.append(Event(start, end, unit, lane, -1, "", state))
    return events
