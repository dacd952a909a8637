"""Export to the Chrome trace event format, which https://ui.perfetto.dev opens. One cycle is shown as 1 µs.

Source: "Trace Event Format" (Google, 2016), JSON object form; "X" (complete) events, "M" (metadata), "C" (counters),
"s" and "f" (flows).
"""

import json

import numpy as np

from golden.files import replacing
from myhdl_acc.trace.activity import links
from myhdl_acc.trace.counters import PERIOD, has_ports, queue_fill, read_rate
from myhdl_acc.trace.spans import spans

_MOST = 100_000  # slices of units; the browser must hold them
_PASS, _MEMORY = "layers, matrices, commands", "memory"


def write_perfetto(path, run):
    """Write a Run as Chrome JSON: a process per unit, a thread per stream, lane or row.

    Of a run that knows what it executed also layers, matrices and commands as nested slices of lane 0, flows from the
    instruction that ended a wait to the first beat after it, fill of the prefetch queues and memory's beats as
    counters. Units with too many events are left out; ``otherData`` names them. The file appears
    only when complete. Raises InputError where the file system refuses.
    """
    table = run.table.merged()
    tracks, left_out = _kept(table)
    other = {"unit_of_time": "1 us = 1 cycle", "run": run.title}
    if left_out:
        other["left_out"] = f"{', '.join(left_out)}: too many events"
    ids = _ids(tracks)
    with replacing(path) as file:
        file.write(f'{{"displayTimeUnit":"ms","otherData":{json.dumps(other)},"traceEvents":[')
        separator = "\n"
        for line in _lines(run, table, tracks, ids):
            file.write(separator + line)
            separator = ",\n"
        file.write("\n]}\n")


def _lines(run, table, tracks, ids):
    yield from map(json.dumps, _metadata(ids))
    ops = _ops(run, table, tracks)
    for track, rows in tracks.items():
        yield from _slices(table, rows, *ids[track], ops.get(track))
    if run.annotated:
        yield from map(json.dumps, _nested(run))
        yield from map(json.dumps, _flows(run, [place for track, place in ids.items() if track.unit == "vector"]))
        if has_ports(run):
            yield from map(json.dumps, _counters(run))


def _kept(table):
    """``({Track: rows}, units without)``."""
    tracks, left_out, total = {}, [], 0
    by_unit = {}
    for track, rows in table.track_rows().items():
        by_unit.setdefault(track.unit, {})[track] = rows
    for unit, found in by_unit.items():
        events = sum(len(rows) for rows in found.values())
        if total + events > _MOST:
            left_out.append(unit)
        else:
            tracks |= found
            total += events
    return tracks, left_out


def _ids(tracks):
    """{Track: (process, thread)}, from 3 and 1."""
    units = list(dict.fromkeys(track.unit for track in tracks))
    return {track: (units.index(track.unit) + 3, number) for number, track in enumerate(tracks, 1)}


def _metadata(ids):
    named = set()
    for track, (process, thread) in ids.items():
        if process not in named:
            named.add(process)
            yield {"name": "process_name", "ph": "M", "pid": process, "args": {"name": track.unit}}
        yield {"name": "thread_name", "ph": "M", "pid": process, "tid": thread, "args": {"name": track.label}}
        yield {"name": "thread_sort_index", "ph": "M", "pid": process, "tid": thread, "args": {"sort_index": thread}}


def _slices(table, rows, process, thread, ops):
    """JSON lines of a track; ``ops``: of each row what it was about."""
    states = [json.dumps(name) for name in table.names["state"]]
    if ops is None:
        names = table.names["op"]
        ops = [names[code] for code in table.op[rows].tolist()]
    starts = table.cycle_start[rows].tolist()
    lengths = (table.cycle_end[rows] - table.cycle_start[rows]).tolist()
    for start, length, state, op in zip(starts, lengths, table.state[rows].tolist(), ops, strict=True):
        about = f',"args":{{"op":{json.dumps(op)}}}' if op else ""
        yield (f'{{"name":{states[state]},"ph":"X","pid":{process},"tid":{thread},"ts":{start},"dur":{length}{about}}}')


def _ops(run, table, tracks):
    """{Track: labels of its rows}, of the vector unit: what its instructions work on."""
    if not run.annotated:
        return {}
    labels = {int(row["start"]): run.labels[row["step"]] for row in run.vector}
    return {
        track: [labels.get(start, "") for start in table.cycle_start[rows].tolist()]
        for track, rows in tracks.items()
        if track.unit == "vector"
    }


def _nested(run):
    """Lane 0's layers, matrices and commands, and within these what it did."""
    yield {"name": "process_name", "ph": "M", "pid": 1, "args": {"name": _PASS}}
    yield {"name": "thread_name", "ph": "M", "pid": 1, "tid": 1, "args": {"name": "lane 0"}}
    place = {"ph": "X", "pid": 1, "tid": 1}
    rows = run.lane(0)
    for span in spans(run):
        about = {"reads": span.work.reads, "beats": span.work.beats, **span.work.lost}
        yield {"name": span.name, "ts": span.start, "dur": span.end - span.start, "args": about, **place}
    labels = run.labels
    for start, end, state, _, _, ended_by in rows.tolist():
        about = {"args": {"ended_by": labels[ended_by]}} if ended_by >= 0 else {}
        yield {"name": state, "ts": start, "dur": end - start, **about, **place}


def _flows(run, places):
    """From the vector unit's instruction that ended a wait of lane 0 to the first beat after it; ``places``: of the
    vector unit, if it is shown.
    """
    intervals = {step: (start, end) for start, end, step in run.vector.tolist()} if places else {}
    for number, (cycle, step) in enumerate(zip(*(part.tolist() for part in links(run.lane(0))), strict=True)):
        if step in intervals:
            (process, thread), (start, end) = places[0], intervals[step]
            common = {"name": "wait", "cat": "wait", "id": number}
            yield {"ph": "s", "pid": process, "tid": thread, "ts": max(start, min(end, cycle) - 1), **common}
            yield {"ph": "f", "bp": "e", "pid": 1, "tid": 1, "ts": cycle, **common}


def _counters(run):
    yield {"name": "process_name", "ph": "M", "pid": 2, "args": {"name": _MEMORY}}
    cycles, rates = read_rate(run)
    fill = queue_fill(run, cycles)
    joined = (fill.min(axis=0), fill.mean(axis=0).round(1), fill.max(axis=0))
    for cycle, *values in zip(cycles.tolist(), *(part.tolist() for part in joined), strict=True):
        about = dict(zip(("least", "mean", "most"), values, strict=True))
        yield {"name": "beats in a prefetch queue", "ph": "C", "pid": 2, "ts": cycle, "args": about}
    for cycle, rate in zip(cycles.tolist(), (np.round(rates * PERIOD, 2)).tolist(), strict=True):
        about = {"beats": rate}
        yield {"name": f"beats per {PERIOD} cycles of a lane", "ph": "C", "pid": 2, "ts": cycle, "args": about}
