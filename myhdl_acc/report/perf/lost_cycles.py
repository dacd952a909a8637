"""Where the cycles went in which a lane took no beat."""

import numpy as np

MEMORY = "memory"  #: the cause of a lane that has no beat


def lost_cycles(table, lanes, cycles):
    """``({cause: cycles}, cycles with a beat)`` of a lane, lanes averaged.

    A lane without a beat waits for memory (MEMORY), or its engine for operands or commands while the vector unit
    does what names the cause.
    """
    units, states = table.names["unit"], table.names["state"]
    vector = np.full(cycles, len(states), np.int16)
    for start, end, state in _intervals(table, table.unit == units.index("vector")):
        vector[start:end] = state
    counts, busy = {}, 0
    of_lanes = table.unit == units.index("lane")
    for lane in range(lanes):
        for start, end, state in _intervals(table, of_lanes & (table.lane == lane)):
            name, end = states[state], min(end, cycles)
            if name == "beat":
                busy += end - start
            elif name == "no_beat":
                counts[MEMORY] = counts.get(MEMORY, 0) + end - start
            else:
                for op, count in zip(*np.unique(vector[start:end], return_counts=True), strict=True):
                    cause = "start and end" if op == len(states) else _cause(states[op], name)
                    counts[cause] = counts.get(cause, 0) + int(count)
    return {cause: count / lanes for cause, count in sorted(counts.items(), key=lambda item: -item[1])}, busy / lanes


def _cause(op, state):
    return f"{'hand-over' if op == 'idle' else op} ({state})"


def _intervals(table, mask):
    return zip(table.cycle_start[mask], table.cycle_end[mask], table.state[mask], strict=True)
