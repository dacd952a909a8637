"""Run-length events from what a backend observed, in the one order that all backends share."""

import numpy as np

from myhdl_acc.simulate.stimulus import STATES, WIDEST_INTEGER
from myhdl_acc.trace.events import Event


def recorded_probes(design):
    """The names of the probes that are recorded."""
    return [name for name, (width, _) in design.probes.items() if width <= WIDEST_INTEGER]


def make_events(design, tracks, starts, ends, values):
    """Events of intervals given as equally long arrays, sorted by first cycle, then by track.

    Track numbers count the streams, then the recorded probes; a value is an index into STATES or a probe's value.
    """
    streams = list(design.streams.values())
    probes = recorded_probes(design)
    order = np.lexsort((tracks, starts))
    events = []
    columns = (np.asarray(column)[order].tolist() for column in (tracks, starts, ends, values))
    for track, start, end, value in zip(*columns, strict=True):
        if track < len(streams):
            events.append(Event(start, end, streams[track].unit, streams[track].lane, -1, "", STATES[value]))
        else:
            events.append(Event(start, end, probes[track - len(streams)], -1, -1, "", f"value:{value}"))
    return events
