"""What the view of one token shows, as columns: bars of four rows, arrows, the queues' fill and memory's beats."""

import numpy as np

from myhdl_acc.trace.activity import links
from myhdl_acc.trace.counters import fill_edges, fill_extremes, queue_fill, read_rate
from myhdl_acc.trace.matrices import CAUSES, READS
from myhdl_acc.trace.spans import LAYER, MATRIX, spans
from myhdl_acc.trace.steps import matrix_of
from myhdl_acc.viz.palette import KINDS, colour

ROWS = ("layers", "lanes read", "lanes wait for", "vector unit")
"""From the top down."""
LAYERS, READ, WAIT, VECTOR = range(len(ROWS))

WEIGHTS = "weights"
#: What lanes read, by lightness of the colour that beats have everywhere.
READ_COLOURS = {
    WEIGHTS: colour("beat"),
    READS["qk"]: "#5BC0FF",
    READS["pv"]: "#003A66",
    READS["meta"]: "#BFE3F7",
}
WAIT_COLOURS = {cause: colour(state) for state, cause in CAUSES.items()}
VECTOR_COLOURS = {kind: colour(op) for op, kind in KINDS.items()}
#: What the colours of the rows stand for. Those of waits and of the vector unit are the same in every chart.
LEGEND = {"lanes read": READ_COLOURS, "lanes wait for": WAIT_COLOURS, "vector unit": VECTOR_COLOURS}
_LABELS = {"rows": "embed", "embedding": "logits", "head": "logits", "value_scales": "scales"}
_LAYER_COLOURS = ("#D9D9D9", "#EFEFEF")

COLUMNS = ("left", "right", "row", "kind", "colour", "label", "text", "part")


def token_bars(run, lane=0):
    """{column of COLUMNS: list} of a Run that knows what it executed: a bar for each layer, for what ``lane`` read and
    what it waited for, each without a pause, and for each instruction of the vector unit.

    ``left`` and ``right`` are cycles, ``row`` numbers ROWS, ``kind`` is what the colour stands for, ``label`` what the
    bar is called where there is room, ``text`` what the pointer shows. Bars with the same ``part`` are of one matrix in
    one go; it is −1 for what is no bar of READ.
    """
    bars = [*_layers(run, lane), *_reads(run, lane), *_waits(run, lane), *_vector(run)]
    return {name: list(column) for name, column in zip(COLUMNS, zip(*bars, strict=True), strict=True)}


def wait_arrows(run, lane=0):
    """{"x0", "x1", "text"}: from the end of the vector unit's instruction that ended a wait of ``lane``, or from the
    first beat if that comes before it, to the first beat.
    """
    ends = {step: end for _, end, step in run.vector.tolist()}
    rows = run.lane(lane)
    arrows = [
        (min(ends[step], cycle), cycle, f"{run.labels[step]}, then {_command(run, rows, cycle)}")
        for cycle, step in zip(*(part.tolist() for part in links(rows)), strict=True)
        if step in ends
    ]
    return {name: [arrow[i] for arrow in arrows] for i, name in enumerate(("x0", "x1", "text"))}


def fill_band(run):
    """{"cycle", "least", "mean", "most"}: beats in the lanes' prefetch queues. They rise and fall evenly in between."""
    cycles = fill_edges(run)
    fill = queue_fill(run, cycles)
    return {"cycle": cycles, "least": fill.min(axis=0), "mean": fill.mean(axis=0), "most": fill.max(axis=0)}


def fill_text(run):
    """``512 beats deep: fullest 512, emptiest 415`` of the prefetch queues."""
    deepest, shallowest = fill_extremes(run)
    depth = run.about.get("config", {}).get("prefetch")
    of_depth = f"{depth:,} beats deep: " if depth else ""
    return f"{of_depth}fullest {deepest:,}, emptiest {shallowest:,}"


def rate_bars(run):
    """{"left", "right", "top"}: share of cycles in which memory gave a lane a beat, lanes averaged."""
    cycles, rates = read_rate(run)
    return {"left": cycles, "right": np.r_[cycles[1:], run.cycles], "top": rates}


def matrix_label(region):
    """What a bar of a region is called: ``down`` of ffn_down, ``keys`` of a head block's."""
    name = matrix_of(region).rsplit(".", 1)[-1]
    return _LABELS.get(name) or name.removeprefix("attn_").removeprefix("ffn_")


def _layers(run, lane):
    for number, span in enumerate(span for span in spans(run, lane) if span.depth == LAYER):
        shade = _LAYER_COLOURS[number % len(_LAYER_COLOURS)]
        yield span.start, span.end, LAYERS, "layer", shade, span.name, span.work.text, -1


def _reads(run, lane):
    rows = run.lane(lane)
    beats = rows[rows["state"] == "beat"]
    commands = run.commands
    parameters = beats["beat"] < commands["params"][beats["command"]]
    kinds = [READS.get(op, WEIGHTS) for op in commands["op"].tolist()]
    of_matrix = {}
    for number, span in enumerate(span for span in spans(run, lane) if span.depth == MATRIX):
        of_matrix |= dict.fromkeys(span.commands, (number, span))
    bar = None
    for (start, end, _, command, *_), parameter in zip(beats.tolist(), parameters.tolist(), strict=True):
        number, span = of_matrix[command]
        kind = READS["meta"] if parameter else kinds[command]
        if bar and (bar[1], bar[2], bar[3]) == (start, number, kind):
            bar = (bar[0], end, number, kind, span)
        else:
            if bar:
                yield _read(*bar)
            bar = (start, end, number, kind, span)
    if bar:
        yield _read(*bar)


def _read(start, end, part, kind, span):
    return start, end, READ, kind, READ_COLOURS[kind], matrix_label(span.work.name), span.work.text, part


def _waits(run, lane):
    names = [*run.commands["name"].tolist(), "the end"]
    for start, end, state, command, _, ended_by in run.lane(lane).tolist():
        if state != "beat":
            cause = CAUSES.get(state, state)
            ended = f", ended by {run.labels[ended_by]}" if ended_by >= 0 else ""
            text = f"{names[command]} waits, {cause}: {end - start:,} cycles{ended}"
            yield start, end, WAIT, cause, colour(state), "", text, -1


def _vector(run):
    ops = run.steps["op"].tolist()
    for start, end, step in run.vector.tolist():
        kind = KINDS[ops[step]]
        text = f"{run.labels[step]}, {end - start:,} cycles"
        yield start, end, VECTOR, kind, VECTOR_COLOURS[kind], ops[step], text, -1


def _command(run, rows, cycle):
    """The region that a lane reads in ``cycle``."""
    return run.commands["name"][rows["command"][np.searchsorted(rows["start"], cycle)]]
