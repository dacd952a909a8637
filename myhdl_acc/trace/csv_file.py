"""Export to CSV: a line for each interval."""

import csv

from golden.files import replacing

COLUMNS = ("cycle_start", "cycle_end", "unit", "lane", "row", "state", "op", "ended_by")


def write_csv(path, run):
    """Write the events of a Run. Where it knows what it executed, ``op`` of lanes and vector unit is the instruction,
    and ``ended_by`` of a wait the one that ended it.

    The file appears only when complete. Raises InputError where the file system refuses.
    """
    with replacing(path) as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        for event in run.table:
            if not (run.annotated and event.unit in ("lane", "vector")):
                start, end, unit, lane, row, op, state = event
                writer.writerow((start, end, unit, lane, row, state, op, ""))
        if run.annotated:
            writer.writerows(_annotated(run))


def _annotated(run):
    labels = [*run.labels, ""]
    numbers = (run.steps["unit"] == "engine").nonzero()[0].tolist()
    for lane in run.lanes:
        for start, end, state, command, _, ended_by in run.lane(lane).tolist():
            op = labels[numbers[command]] if command >= 0 else ""
            yield start, end, "lane", lane, -1, state, op, labels[ended_by]
    ops = run.steps["op"].tolist()
    for start, end, step in run.vector.tolist():
        yield start, end, "vector", -1, -1, ops[step], labels[step], ""
