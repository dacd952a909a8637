"""A run of a few cycles, made by hand: one lane reads an embedding and a matrix, whose slice the vector unit makes."""

import numpy as np

from myhdl_acc.trace.events import Event, EventTable
from myhdl_acc.trace.run import Run
from myhdl_acc.trace.steps import NEED, STEP

_STEPS = [
    ("engine", "meta", "embedding.rows", 0, False, 2, 2),
    ("vector", "embed", "embedding.rows", 0, True, 0, 0),
    ("load", "slice", "layers.0.ffn_down", 1, False, 0, 0),
    ("engine", "w2", "layers.0.ffn_down", 1, False, 6, 1),
    ("vector", "add", "layers.0.ffn_down", 1, True, 0, 0),
]
_NEEDS = [(0, 0, "no_command", -1, -1), (1, 0, "no_command", -1, -1), (1, 1, "no_operand", 2, 1)]


def recorded(wait=4, title="by hand"):
    """The Run; the matrix waits ``wait`` cycles for its slice."""
    later, end = 8 + wait, 16 + wait
    lane = [(0, 3, "no_command"), (3, 5, "no_beat"), (5, 8, "beat"), (8, later, "no_operand")]
    lane += [(later, later + 5, "beat"), (later + 5, end, "no_command")]
    vector = [(0, 2, "idle"), (2, later - 2, "embed"), (later - 2, later - 1, "idle"), (later - 1, end - 1, "add")]
    port = [(0, 4, "starved"), (4, 12, "transfer"), (12, end, "idle")]
    rows = [(*row[:2], "lane", 0, -1, "", row[2]) for row in lane]
    rows += [(*row[:2], "vector", -1, -1, "", row[2]) for row in [*vector, (end - 1, end, "idle")]]
    rows += [(*row[:2], "sink_r", 0, -1, "", row[2]) for row in port]
    about = {"title": title, "config": {"prefetch": 8}, "ceiling": 0.9}
    return Run(EventTable(Event(*row) for row in rows), about, np.array(_STEPS, STEP), np.array(_NEEDS, NEED))
