"""Export to Kanata 0004, the log that the pipeline viewer Konata opens. One cycle is one cycle.

Source: "Kanata log format", docs/kanata-log-format.md of the viewer (github.com/shioyadan/Konata).
"""

import numpy as np

from golden.errors import InputError
from golden.files import replacing
from myhdl_acc.trace.matrices import CAUSES, command_work

_ENGINE, _VECTOR = range(2)  # Kanata's threads
_EXECUTES = "X "  # how the viewer knows the stages between which it draws arrows


def write_konata(path, run):
    """Write a Run: a row for each command of the engine and each instruction of the vector unit, as they begin.

    A command's stages are what lane 0 did for it: beats, and what it waited for; arrows lead from the instruction that
    ended a wait. The file appears only when complete. Raises InputError for a run that does not know what it executed,
    and where the file system refuses.
    """
    if not run.annotated:
        raise InputError(f"{path}: only a token's run has instructions, which this format shows")
    with replacing(path) as file:
        file.write("Kanata\t0004\n")
        now = 0
        for number, (cycle, _, line) in enumerate(sorted(_lines(run), key=lambda item: item[:2])):
            if number == 0 or cycle > now:
                file.write(f"C=\t{cycle}\n" if number == 0 else f"C\t{cycle - now}\n")
                now = cycle
            file.write(line + "\n")


def _lines(run):
    """(cycle, order within it, line)."""
    rows = _rows(run)
    numbers = {step: number for number, (_, step, *_) in enumerate(rows)}
    ends = [stages[-1][1] for *_, stages in rows]
    retired = {number: place for place, number in enumerate(sorted(numbers.values(), key=lambda n: (ends[n], n)))}
    for number, (begin, step, thread, detail, stages) in enumerate(rows):
        yield begin, (number, 0), f"I\t{number}\t{step}\t{thread}"
        yield begin, (number, 1), f"L\t{number}\t0\t{step}: {run.labels[step]}"
        yield begin, (number, 1), f"L\t{number}\t1\t{detail}"
        for start, end, stage, ended_by in stages:
            yield start, (number, 3), f"S\t{number}\t0\t{stage}"
            if ended_by in numbers:
                yield end - 1, (number, 4), f"W\t{number}\t{numbers[ended_by]}\t0"
            yield end, (number, 2), f"E\t{number}\t0\t{stage}"
        yield ends[number], (number, 5), f"R\t{number}\t{retired[number]}\t0"


def _rows(run):
    """``(begin, step, thread, text, stages)`` of all whose times are known, in the order of time, which is that of the
    log's numbers; stages: (start, end, name, ended by step).
    """
    stages = {}
    for start, end, state, command, _, ended_by in run.lane(0).tolist():
        if command >= 0:
            stages.setdefault(command, []).append((start, end, CAUSES.get(state, _EXECUTES + state), ended_by))
    engine = np.flatnonzero(run.steps["unit"] == "engine").tolist()
    works = command_work(run)
    found = [(stages[number][0][0], engine[number], _ENGINE, works[number].text, stages[number]) for number in stages]
    ops = run.steps["op"].tolist()
    for start, end, step in run.vector.tolist():
        found.append((start, step, _VECTOR, run.labels[step], [(start, end, _EXECUTES + ops[step], -1)]))
    return sorted(found, key=lambda row: row[:2])
