"""What the lanes and the vector unit did in each interval of a recorded pass: which command, which instruction.

Nothing is guessed: every lane reads the beats of all commands one after the other, and the vector unit executes its
instructions in order.
"""

import numpy as np

#: A lane's interval: its ``state`` (of LANE_STATES); the ``command`` whose beats it takes or waits for, −1 behind the
#: last one; the first ``beat`` of it that does; of a wait the step ``ended_by``, −1 where that is none:
#: memory did, or an instruction that was still to be dispatched.
LANE = np.dtype(
    [("start", "i8"), ("end", "i8"), ("state", "U10"), ("command", "i4"), ("beat", "i8"), ("ended_by", "i4")]
)
#: An interval of the vector unit, in which it executes ``step``.
VECTOR = np.dtype([("start", "i8"), ("end", "i8"), ("step", "i4")])


def vector_activity(table, steps):
    """VECTOR rows of an EventTable in which the vector unit executes those of ``steps`` (STEP) that are its own."""
    events = table.filter(unit="vector")
    busy = events.state != _code(events, "state", "idle")
    order = np.argsort(events.cycle_start[busy], kind="stable")
    rows = np.zeros(int(busy.sum()), VECTOR)
    rows["start"], rows["end"] = events.cycle_start[busy][order], events.cycle_end[busy][order]
    rows["step"] = np.flatnonzero(steps["unit"] == "vector")
    return rows


def lane_activity(table, lane, commands, needs, vector):
    """LANE rows of ``lane``, in the order of time; ``commands`` (STEP) of the engine, ``needs`` (NEED), ``vector``
    (VECTOR).

    An interval with beats of several commands is cut between them, and behind a command's parameters.
    """
    events = table.filter(unit="lane", lane=lane)
    order = np.argsort(events.cycle_start, kind="stable")
    starts, ends, codes = (column[order] for column in (events.cycle_start, events.cycle_end, events.state))
    taking = codes == _code(events, "state", "beat")
    before = np.cumsum(np.where(taking, ends - starts, 0))
    before = np.r_[0, before[:-1]].astype(np.int64)  # beats before each interval
    firsts = np.r_[0, np.cumsum(commands["beats"])]  # of all beats, the first one of each command
    taken = _cut(starts[taking], ends[taking], before[taking], np.r_[firsts, firsts[:-1] + commands["params"]])
    waits = np.zeros(int((~taking).sum()), LANE)
    waits["start"], waits["end"], waits["beat"] = starts[~taking], ends[~taking], before[~taking]
    waits["state"] = np.array(events.names["state"])[codes[~taking]]
    rows = np.concatenate([taken, waits])
    rows = rows[np.argsort(rows["start"], kind="stable")]
    number = np.searchsorted(firsts, rows["beat"], "right") - 1
    behind = number >= len(commands)
    rows["beat"] -= firsts[number]
    rows["command"] = np.where(behind, -1, number)
    rows["ended_by"] = _ended_by(rows, needs, vector)
    return rows


def _cut(starts, ends, before, places):
    """LANE rows of intervals with beats, cut at the beats ``places``; ``beat`` counts from the first of all."""
    total = int((ends - starts).sum())
    edges = np.union1d(before, places[places < total])
    interval = np.searchsorted(before, edges, "right") - 1
    rows = np.zeros(len(edges), LANE)
    rows["beat"], rows["state"] = edges, "beat"
    rows["start"] = starts[interval] + edges - before[interval]
    rows["end"] = rows["start"] + np.diff(np.r_[edges, total])
    return rows


def _ended_by(rows, needs, vector):
    """The step that ended each wait."""
    keys = {(command, beat, why): (load, step) for command, beat, why, load, step in needs.tolist()}
    when = {step: (start, end) for start, end, step in vector.tolist()}
    found = np.full(len(rows), -1)
    fields = (rows[name].tolist() for name in ("start", "state", "command", "beat"))
    for number, (start, state, command, beat) in enumerate(zip(*fields, strict=True)):
        load, step = keys.get((command, beat, state), (-1, -1))
        begun, done = when.get(step, (-1, -1))
        # A queue has room again as soon as the instruction begins that was its first.
        late = begun > start if state == "no_command" else done > start
        found[number] = step if late else load if state == "no_operand" else -1
    return found


def links(rows):
    """``(cycles, steps)``: the first beats after a wait that a step ended, and which one did."""
    beats = rows["state"] == "beat"
    waits = np.flatnonzero(~beats[:-1] & beats[1:])
    # A command takes a cycle to begin: what it waited for was there in the cycle before.
    begins = (rows["state"][waits] == "no_command") & (rows["ended_by"][waits] < 0) & (waits > 0)
    causes = np.where(begins & ~beats[waits - 1], waits - 1, waits)
    known = rows["ended_by"][causes] >= 0
    return rows["start"][waits[known] + 1], rows["ended_by"][causes[known]]


def _code(table, column, name):
    names = table.names[column]
    return names.index(name) if name in names else -1
