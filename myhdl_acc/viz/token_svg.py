"""One token, by matrix, as an SVG picture for documents: what token_view shows, without a browser."""

from itertools import groupby
from xml.sax.saxutils import escape

import numpy as np

from golden.files import replacing
from myhdl_acc.trace.counters import PERIOD, has_ports, queue_fill
from myhdl_acc.viz.palette import colour
from myhdl_acc.viz.svg import BOTTOM, LEFT, WIDTH, axis, bar, head, legend_lines, placing, row_name
from myhdl_acc.viz.token_bars import LEGEND, READ, ROWS, VECTOR, fill_text, rate_bars, token_bars, wait_arrows

_ROW, _GAP, _CHART = 28, 4, 56  # pixels of a row, between two, of a chart below them
_CAPTION = 20
_POINTS = 2 * WIDTH  # of a line


def write_token_svg(path, run, title):
    """Write the picture of a Run that knows what it executed; ``title`` stands above it.

    The picture appears only when complete. Raises InputError where the file system refuses.
    """
    with replacing(path) as file:
        file.write("\n".join(_lines(run, title)) + "\n")


def _lines(run, title):
    bars = token_bars(run)
    shown = set(bars["kind"])
    colours = {kind: shade for kinds in LEGEND.values() for kind, shade in kinds.items() if kind in shown}
    legend, top = legend_lines(colours)
    rows_end = top + len(ROWS) * (_ROW + _GAP)
    bottom = rows_end + (2 * (_CHART + _CAPTION) if has_ports(run) else 0)
    place = placing(*run.table.span)
    yield from head(bottom + BOTTOM, title)
    yield from legend
    for row, name in enumerate(ROWS):
        yield row_name(_top(top, row) + _ROW / 2 + 4, name)
    for left, right, row, shade in zip(*(bars[n] for n in ("left", "right", "row", "colour")), strict=True):
        yield bar(place(left), place(right), _top(top, row), _ROW, shade)
    yield from _labels(bars, top, place)
    arrows = wait_arrows(run)
    for begin, end in zip(arrows["x0"], arrows["x1"], strict=True):
        places = f'x1="{place(begin):.2f}" y1="{_top(top, VECTOR)}" x2="{place(end):.2f}" y2="{_top(top, READ) + _ROW}"'
        yield f'<line {places} stroke="#000" stroke-width="0.6"/>'
    if has_ports(run):
        yield from _queues(run, rows_end + _CAPTION, place)
        yield from _memory(run, rows_end + 2 * _CAPTION + _CHART, place)
    yield from axis(*run.table.span, bottom)
    yield "</svg>"


def _top(top, row):
    return top + row * (_ROW + _GAP)


def _labels(bars, top, place):
    """Names of the bars that have room for them; bars of a matrix with short pauses have one together."""
    columns = zip(*(bars[name] for name in ("part", "row", "label", "left", "right", "colour")), strict=True)
    for part, group in groupby(columns, lambda column: column[0]):
        group = list(group)
        named = [column for column in group if _fits(*column[2:5], place)]
        beats, (left, right) = sum(column[4] - column[3] for column in group), (group[0][3], group[-1][4])
        if not named and part >= 0 and beats > 0.8 * (right - left) and _fits(group[0][2], left, right, place):
            widest = max(group, key=lambda column: column[4] - column[3])
            named = [(*widest[:3], left, right, widest[5])]
        for _, row, label, left, right, shade in named:
            fill = "#fff" if sum(int(shade[i : i + 2], 16) for i in (1, 3, 5)) < 400 else "#000"
            middle, y = (place(left) + place(right)) / 2, _top(top, row) + _ROW / 2 + 4
            yield f'<text x="{middle:.1f}" y="{y}" text-anchor="middle" fill="{fill}">{escape(label)}</text>'


def _fits(label, left, right, place):
    return label and place(right) - place(left) > 6.5 * len(label) + 4


def _queues(run, top, place):
    cycles = np.unique(np.linspace(*run.table.span, _POINTS).astype(int))
    fill = queue_fill(run, cycles)
    most = run.about.get("config", {}).get("prefetch") or max(1, fill.max())
    yield row_name(top + _CHART / 2 + 4, "prefetch queues")
    yield f'<text x="{LEFT}" y="{top - 4}">Beats read and not yet taken, {escape(fill_text(run))}</text>'
    yield _dashed(top)
    heights = top + _CHART * (1 - fill.mean(axis=0) / most)
    points = " ".join(f"{place(cycle):.1f},{y:.1f}" for cycle, y in zip(cycles, heights, strict=True))
    yield f'<polyline points="{points}" fill="none" stroke="{colour("beat")}"/>'


def _memory(run, top, place):
    rates = rate_bars(run)
    ceiling = run.about.get("ceiling", 1)
    yield row_name(top + _CHART / 2 + 4, "memory")
    text = f"Share of cycles with a beat, {PERIOD} cycles at a time, lanes averaged; dashed: at most {ceiling:.0%}"
    yield f'<text x="{LEFT}" y="{top - 4}">{text}</text>'
    for left, right, rate in zip(*(rates[name].tolist() for name in ("left", "right", "top")), strict=True):
        if rate:
            yield bar(place(left), place(right), top + _CHART * (1 - rate), _CHART * rate, colour("transfer"))
    yield _dashed(top + _CHART * (1 - ceiling))


def _dashed(y):
    return f'<line x1="{LEFT}" y1="{y:.1f}" x2="{LEFT + WIDTH}" y2="{y:.1f}" stroke="#444" stroke-dasharray="4 3"/>'
