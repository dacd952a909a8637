"""Export to the Chrome trace event format, which https://ui.perfetto.dev opens. One cycle is shown as 1 µs.

Source: "Trace Event Format" (Google, 2016), JSON object form; "X" (complete) events, "M" (metadata) events.
"""

import itertools
import json

from golden.files import replacing

_CHUNK = 65536


def write_perfetto(path, table):
    """Write an EventTable as Chrome JSON: a process per unit, a thread per stream, lane or row.

    The file appears only when complete. Raises InputError where the file system refuses.
    """
    with replacing(path) as file:
        file.write('{"displayTimeUnit":"ms","otherData":{"unit_of_time":"1 us = 1 cycle"},"traceEvents":[')
        separator = "\n"
        for lines in itertools.chain([list(map(json.dumps, _metadata(table)))], _slices(table)):
            file.write(separator + ",\n".join(lines) if lines else "")
            separator = ",\n" if lines else separator
        file.write("\n]}\n")


def _ids(table):
    """{Track: (process, thread)}, both from 1."""
    tracks = list(table.track_rows())
    units = list(dict.fromkeys(track.unit for track in tracks))
    return {track: (units.index(track.unit) + 1, number) for number, track in enumerate(tracks, 1)}


def _metadata(table):
    named = set()
    for track, (process, thread) in _ids(table).items():
        if process not in named:
            named.add(process)
            yield {"name": "process_name", "ph": "M", "pid": process, "args": {"name": track.unit}}
        yield {"name": "thread_name", "ph": "M", "pid": process, "tid": thread, "args": {"name": track.label}}
        yield {"name": "thread_sort_index", "ph": "M", "pid": process, "tid": thread, "args": {"sort_index": thread}}


def _slices(table):
    """Lists of JSON lines, a bounded number of lines each."""
    ids = _ids(table)
    states = [json.dumps(name) for name in table.names["state"]]
    ops = [json.dumps(name) for name in table.names["op"]]
    for track, rows in table.track_rows().items():
        process, thread = ids[track]
        for at in range(0, len(rows), _CHUNK):
            part = rows[at : at + _CHUNK]
            starts = table.cycle_start[part].tolist()
            lengths = (table.cycle_end[part] - table.cycle_start[part]).tolist()
            yield [
                f'{{"name":{states[state]},"ph":"X","pid":{process},"tid":{thread},"ts":{start},"dur":{length}'
                + (f',"args":{{"op":{ops[op]}}}}}' if ops[op] != '""' else "}")
                for start, length, state, op in zip(
                    starts, lengths, table.state[part].tolist(), table.op[part].tolist(), strict=True
                )
            ]
