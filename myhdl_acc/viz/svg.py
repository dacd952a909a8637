"""The Gantt chart as an SVG picture, for documents: the same rectangles as the page, without a browser."""

from xml.sax.saxutils import escape, quoteattr

from golden.files import replacing
from myhdl_acc.trace.occupancy import occupancy, state_order
from myhdl_acc.viz.palette import KINDS, colour
from myhdl_acc.viz.quads import levels
from myhdl_acc.viz.rows import folded_rows, shown_rows

_LEFT, _WIDTH, _ROW, _TOP, _BOTTOM = 130, 820, 16, 48, 34
_LEGEND = 18  # pixels from one line of the legend to the next
_TICKS = 10  # at most


def write_svg(path, table, title, bins=400):
    """Write the Gantt chart of an EventTable; ``title`` stands above it. The vector unit's instructions are shown by
    what they are for (palette.KINDS).

    The picture appears only when complete. Raises InputError where the file system refuses.
    """
    with replacing(path) as file:
        file.write("\n".join(_lines(table, title, bins)) + "\n")


def _lines(table, title, bins):
    table = table.renamed(KINDS).merged()
    counted = occupancy(table)
    folded = folded_rows(counted)
    tracks = [track for track in shown_rows(counted.counts) if track not in folded]
    columns = levels(table, tracks, limit=2 * bins * len(tracks))[-1].columns
    names = table.names["state"]
    start, end = table.span
    scale = _WIDTH / max(1, end - start)
    legend, legend_lines = _legend(state_order({names[code] for code in set(columns["state"].tolist())}))
    top = _TOP + _LEGEND * (legend_lines - 1)
    bottom = top + _ROW * len(tracks)
    size = f'width="{_LEFT + _WIDTH + 20}" height="{bottom + _BOTTOM}"'
    yield f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="sans-serif" font-size="11">'
    yield f'<rect width="100%" height="100%" fill="#fff"/><text x="8" y="16" font-size="13">{escape(title)}</text>'
    for state, x, y in legend:
        yield f'<rect x="{x}" y="{y - 10}" width="12" height="12" fill="{colour(state)}"/>'
        yield f'<text x="{x + 16}" y="{y}">{escape(state)}</text>'
    for number, track in enumerate(tracks):
        y = top + _ROW * number + 12
        yield f'<text x="{_LEFT - 6}" y="{y}" text-anchor="end">{escape(track.label)}</text>'
    columns = zip(*(columns[name].tolist() for name in ("left", "right", "y", "height", "state")), strict=True)
    for left, right, middle, height, state in columns:
        x, width = _LEFT + (left - start) * scale, (right - left) * scale
        y, height = top + _ROW * (0.5 - middle - height / 2), _ROW * height
        fill = quoteattr(colour(names[state]))
        yield f'<rect x="{x:.2f}" y="{y:.2f}" width="{width:.2f}" height="{height:.2f}" fill={fill}/>'
    for cycle in _ticks(start, end):
        x = _LEFT + (cycle - start) * scale
        yield f'<text x="{x:.1f}" y="{bottom + 14}" text-anchor="middle">{cycle}</text>'
    yield f'<text x="{_LEFT + _WIDTH / 2}" y="{bottom + 29}" text-anchor="middle">clock cycle</text></svg>'


def _legend(states):
    """``([(state, x, y)], lines)``: where each state's name stands in the legend."""
    places, x, y = [], _LEFT, 36
    for state in states:
        width = 32 + 7 * len(state)
        if x + width > _LEFT + _WIDTH:
            x, y = _LEFT, y + _LEGEND
        places.append((state, x, y))
        x += width
    return places, (y - 36) // _LEGEND + 1


def _ticks(start, end):
    """Round numbers from ``start`` to ``end``: multiples of 1, 2 or 5 times a power of ten."""
    steps = (base * 10**power for power in range(20) for base in (1, 2, 5))
    step = next(step for step in steps if (end - start) // step < _TICKS)
    return range(-(-start // step) * step, end + 1, step)
