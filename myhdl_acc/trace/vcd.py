"""Export to a value change dump, which GTKWave opens: a string signal per stream, lane or row. 1 cycle = 1 µs."""

import re

import numpy as np
from vcd import VCDWriter

from golden.files import replacing
from myhdl_acc.trace.counters import PERIOD, has_ports, queue_fill

NOTHING = "-"
"""What a signal shows in cycles that no event covers."""


def write_vcd(path, run):
    """Write a Run as VCD: a scope per unit, in it ``state``, ``lane0_state``, ``lane0_row1_state``, ….

    Of a run that knows what it executed also ``lane0_command``, …, ``instruction`` of the vector unit, and the beats in
    the prefetch queues, every PERIOD cycles. The file appears only when complete. Raises InputError where the file
    system refuses.
    """
    tracks = run.table.track_rows()
    with replacing(path) as file:
        writer = VCDWriter(file, timescale="1 us", comment="one microsecond is one clock cycle", init_timestamp=0)
        variables = [
            writer.register_var(scope, name, "string", init=NOTHING, size=None) for scope, name in _identifiers(tracks)
        ]
        texts = [*run.table.names["state"], NOTHING]
        parts = _states(run.table, tracks.values(), len(texts) - 1)
        if run.annotated:
            for name, starts, ends, labels in _labelled(run):
                variables.append(writer.register_var(*name, "string", init=NOTHING, size=None))
                parts.append(_part(starts, ends, len(texts) + labels, len(variables) - 1, len(texts) - 1))
            texts += [label.replace(" · ", ":").replace(" ", "_") for label in run.labels]  # what the format allows
        numbers = set()
        if run.annotated and has_ports(run):
            cycles = np.arange(0, run.cycles, PERIOD)
            for lane, fill in zip(run.lanes, queue_fill(run, cycles), strict=True):
                numbers.add(len(variables))
                variables.append(writer.register_var("prefetch", f"lane{lane}_beats", "integer", init=0))
                parts.append(np.stack([cycles, np.full(len(cycles), len(variables) - 1), fill], axis=1))
        for cycle, number, code in _in_order(parts):
            writer.change(variables[number], cycle, code if number in numbers else texts[code])
        writer.close(timestamp=run.table.span[1])


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


def _states(table, groups, nothing):
    """Changes of all tracks."""
    return [
        _part(table.cycle_start[rows], table.cycle_end[rows], table.state[rows], number, nothing)
        for number, rows in enumerate(groups)
    ]


def _labelled(run):
    """(identifier, starts, ends, steps) of lanes and vector unit."""
    engine = np.flatnonzero(run.steps["unit"] == "engine")
    for lane in run.lanes:
        rows = run.lane(lane)
        rows = rows[rows["command"] >= 0]
        first = np.flatnonzero(np.diff(np.r_[-1, rows["command"]]))
        ends = rows["end"][np.r_[first[1:], len(rows)] - 1]
        yield ("lane", f"lane{lane}_command"), rows["start"][first], ends, engine[rows["command"][first]]
    yield ("vector", "instruction"), run.vector["start"], run.vector["end"], run.vector["step"]


def _part(starts, ends, codes, number, nothing):
    """(cycle, signal's number, code) of a signal's changes; ``nothing`` where no interval follows at once."""
    gap = np.r_[starts[1:] != ends[:-1], True] if len(starts) else np.zeros(0, bool)
    cycles = np.r_[starts, ends[gap]]
    codes = np.r_[codes, np.full(int(gap.sum()), nothing)]
    return np.stack([cycles, np.full(len(cycles), number), codes], axis=1)


def _in_order(parts):
    """All changes in the order of time."""
    if not parts:
        return []
    changes = np.concatenate(parts)
    return changes[np.lexsort((changes[:, 1], changes[:, 0]))].tolist()
