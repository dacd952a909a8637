"""The Gantt chart as an SVG picture, for documents: the same rectangles as the page, without a browser."""

from xml.sax.saxutils import escape, quoteattr

from golden.files import replacing
from myhdl_acc.trace.occupancy import occupancy, state_order
from myhdl_acc.viz.palette import KINDS, colour
from myhdl_acc.viz.quads import levels
from myhdl_acc.viz.rows import folded_rows, shown_rows

LEFT, WIDTH, _ROW, TOP, BOTTOM = 130, 820, 16, 48, 34  # pixels
_LEGEND = 18  # from one line of the legend to the next
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
    states = state_order({names[code] for code in set(columns["state"].tolist())})
    legend, top = legend_lines({state: colour(state) for state in states})
    bottom = top + _ROW * len(tracks)
    yield from head(bottom + BOTTOM, title)
    yield from legend
    for number, track in enumerate(tracks):
        yield row_name(top + _ROW * number + 12, track.label)
    place = placing(*table.span)
    columns = zip(*(columns[name].tolist() for name in ("left", "right", "y", "height", "state")), strict=True)
    for left, right, middle, height, state in columns:
        y, height = top + _ROW * (0.5 - middle - height / 2), _ROW * height
        yield bar(place(left), place(right), y, height, colour(names[state]))
    yield from axis(*table.span, bottom)
    yield "</svg>"


def head(height, title):
    """The beginning of a picture that is ``height`` pixels high, with its title."""
    size = f'width="{LEFT + WIDTH + 20}" height="{height}"'
    yield f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="sans-serif" font-size="11">'
    yield f'<rect width="100%" height="100%" fill="#fff"/><text x="8" y="16" font-size="13">{escape(title)}</text>'


def legend_lines(colours):
    """``(lines, top)``: the legend {what a colour stands for: the colour}, and where the rows below it begin."""
    lines, x, y = [], LEFT, 36
    for name, shade in colours.items():
        width = 32 + 7 * len(name)
        if x + width > LEFT + WIDTH:
            x, y = LEFT, y + _LEGEND
        lines.append(f'<rect x="{x}" y="{y - 10}" width="12" height="12" fill="{shade}"/>')
        lines.append(f'<text x="{x + 16}" y="{y}">{escape(name)}</text>')
        x += width
    return lines, TOP + y - 36


def placing(start, end):
    """A function from cycles to pixels."""
    scale = WIDTH / max(1, end - start)
    return lambda cycle: LEFT + (cycle - start) * scale


def row_name(y, name):
    return f'<text x="{LEFT - 6}" y="{y}" text-anchor="end">{escape(name)}</text>'


def bar(left, right, y, height, shade):
    width = right - left
    return f'<rect x="{left:.2f}" y="{y:.2f}" width="{width:.2f}" height="{height:.2f}" fill={quoteattr(shade)}/>'


def axis(start, end, y):
    """The axis of cycles below pixel ``y``."""
    place = placing(start, end)
    for cycle in _ticks(start, end):
        yield f'<text x="{place(cycle):.1f}" y="{y + 14}" text-anchor="middle">{cycle}</text>'
    yield f'<text x="{LEFT + WIDTH / 2}" y="{y + 29}" text-anchor="middle">clock cycle</text>'


def _ticks(start, end):
    """Round numbers from ``start`` to ``end``: multiples of 1, 2 or 5 times a power of ten."""
    steps = (base * 10**power for power in range(20) for base in (1, 2, 5))
    step = next(step for step in steps if (end - start) // step < _TICKS)
    return range(-(-start // step) * step, end + 1, step)
