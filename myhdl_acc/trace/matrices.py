"""What every matrix of a recorded pass took: its beats, and the cycles that lanes waited for them."""

from dataclasses import dataclass

import numpy as np

from myhdl_acc.trace.events import LANE_STATES
from myhdl_acc.trace.steps import matrix_of

#: What a lane waits for, by its state.
CAUSES = {"no_beat": "memory", "no_operand": "no operand", "no_bank": "no bank", "no_command": "no command"}
#: What a command reads, by its op; those of weights are named after their format.
READS = {"qk": "cached keys", "pv": "cached values", "meta": "parameters"}


@dataclass(frozen=True)
class Work:
    """What lanes did for something: ``beats`` of a lane, and ``cycles`` of it, averaged over lanes: those in which it
    took the beats and those in which it waited for them, ``lost`` (cycles by what was missing: CAUSES).
    """

    name: str
    reads: str
    beats: int
    cycles: float
    lost: dict

    @property
    def text(self):
        """``layers.1.ffn_down · w2, 100 beats, 285 cycles, of which 185 no operand``."""
        waits = [f"{count:,.0f} {cause}" for cause, count in self.lost.items() if round(count)]
        of_which = f", of which {', '.join(waits)}" if waits else ""
        return f"{self.name} · {self.reads}, {self.beats:,} beats, {self.cycles:,.0f} cycles{of_which}"


def by_command(run):
    """``(counts, behind)`` of a Run: cycles of a lane, lanes averaged, by command and state of LANE_STATES; and those
    behind the last command.
    """
    counts = np.zeros((len(run.commands) + 1, len(LANE_STATES)))
    for lane in run.lanes:
        rows = run.lane(lane)
        for number, state in enumerate(LANE_STATES):
            chosen = rows[rows["state"] == state]
            # −1, what lies behind the last command, is the last row.
            counts[:, number] += np.bincount(
                chosen["command"] % len(counts), chosen["end"] - chosen["start"], len(counts)
            )
    counts /= max(1, len(run.lanes))
    return counts[:-1], counts[-1]


def command_work(run):
    """The Work of every command of a Run, in order."""
    counts, _ = by_command(run)
    names, ops = run.commands["name"].tolist(), run.commands["op"].tolist()
    return [_work(name, op, [row]) for name, op, row in zip(names, ops, counts, strict=True)]


def matrix_work(run):
    """The Work of every matrix, norm and cache that a Run read, in the order in which each was read first, and then of
    the ``end``, where nothing is left to read. Their cycles add up to the run's.
    """
    counts, behind = by_command(run)
    groups = {}
    for number, name in enumerate(run.commands["name"].tolist()):
        groups.setdefault(name, []).append(number)
    ops = run.commands["op"].tolist()
    found = [_work(name, ops[numbers[0]], counts[numbers]) for name, numbers in groups.items()]
    return [*found, Work("end", "nothing", 0, float(behind.sum()), lost_of(behind))]


def kind_work(run):
    """The Work of all matrices of one kind in all layers: of ``ffn_down``, whatever its layer."""
    groups = {}
    for work in matrix_work(run):
        kind = "heads." + work.name.rsplit(".", 1)[1] if ".heads." in work.name else matrix_of(work.name)
        groups.setdefault(kind, []).append(work)
    return [_sum(name, works) for name, works in groups.items()]


def read_kinds(commands):
    """What ``commands`` (STEP) read, in words."""
    return ", ".join(dict.fromkeys(READS.get(op, op) for op in commands["op"].tolist()))


def _sum(name, works):
    lost = {cause: sum(work.lost.get(cause, 0) for work in works) for cause in CAUSES.values()}
    reads = ", ".join(dict.fromkeys(work.reads for work in works))
    return Work(name, reads, sum(w.beats for w in works), sum(w.cycles for w in works), _present(lost))


def _work(name, op, counts):
    total = np.sum(counts, axis=0)
    return Work(name, READS.get(op, op), round(float(total[0])), float(total.sum()), lost_of(total))


def lost_of(counts):
    """``lost`` of a Work, from cycles by state (LANE_STATES)."""
    return _present({CAUSES[s]: float(c) for s, c in zip(LANE_STATES, counts, strict=True) if s in CAUSES})


def _present(lost):
    """The causes that there are, the largest first."""
    return {cause: count for cause, count in sorted(lost.items(), key=lambda item: -item[1]) if count}
