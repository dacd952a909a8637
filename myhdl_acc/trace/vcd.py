"""Export to a value change dump, which GTKWave opens: a string signal per stream, lane or row. 1 cycle = 1 µs."""

import re

import numpy as np
from vcd import VCDWriter

from golden.files import replacing

NOTHING = "-"
"""What a signal shows in cycles that no event covers."""


def write_vcd(path, table):
    """Write an EventTable as VCD: a scope per unit, in it ``state``, ``lane0_state``, ``lane0_row1_state``, ….

    The file appears only when complete. Raises InputError where the file system refuses.
    """
    tracks = table.track_rows()
    with replacing(path) as file:
        writer = VCDWriter(file, timescale="1 us", comment="one microsecond is one clock cycle", init_timestamp=0)
        variables = [
            writer.register_var(scope, name, "string", init=NOTHING, size=None) for scope, name in _identifiers(tracks)
        ]
        names = [*table.names["state"], NOTHING]
        for cycle, number, code in _changes(table, tracks.values(), len(names) - 1):
            writer.change(variables[number], cycle, names[code])
        writer.close(timestamp=table.span[1])


def _identifiers(tracks):
    """(scope, variable) of every track: words that VCD allows, each pair only once."""
    taken = set()
    for track in tracks:
        lane = [f"lane{track.lane}"] if track.lane >= 0 else []
        row = [f"row{track.row}"] if track.row >= 0 else []
        scope, name = re.sub(r"\W", "_", track.unit) or "_", "_".join([*lane, *row, "state"])
        while (scope, name) in taken:  # units that differ only in characters that VCD does not allow
            scope += "_"
        taken.add((scope, name))
        yield scope, name


def _changes(table, groups, nothing):
    """(cycle, track number, state code) in the order of time; ``nothing`` where no event follows at once."""
    parts = []
    for number, rows in enumerate(groups):
        starts, ends, states = table.cycle_start[rows], table.cycle_end[rows], table.state[rows]
        gap = np.r_[starts[1:] != ends[:-1], True]
        cycles = np.r_[starts, ends[gap]]
        codes = np.r_[states, np.full(int(gap.sum()), nothing)]
        parts.append(np.stack([cycles, np.full(len(cycles), number), codes], axis=1))
    if not parts:
        return []
    changes = np.concatenate(parts)
    return changes[np.lexsort((changes[:, 1], changes[:, 0]))].tolist()
