"""What the figures of docs/ share: a page that follows the reader's light or dark theme, text, arrows."""

from xml.sax.saxutils import escape

_STYLE = """\
text { font: 12px sans-serif; fill: #1f2328 }
.small { font-size: 10.5px }
.title { font-size: 14px; font-weight: bold }
.ground { fill: #ffffff }
.box { fill: #eaf1f8; stroke: #57606a }
.outside { fill: #f6ead7; stroke: #57606a }
.link { fill: none; stroke: #0072b2; stroke-width: 1.6 }
.bus { fill: none; stroke: #6e7781; stroke-width: 1.3; stroke-dasharray: 5 3 }
.wave { fill: none; stroke: #1f2328; stroke-width: 1.6 }
.grid { fill: none; stroke: #8c959f; stroke-width: 0.5; stroke-dasharray: 2 3 }
.head { fill: #0072b2 }
.bushead { fill: #6e7781 }
@media (prefers-color-scheme: dark) {
text { fill: #e6edf3 }
.ground { fill: #0d1117 }
.box { fill: #1b2938; stroke: #8c959f }
.outside { fill: #3a2f1e; stroke: #8c959f }
.link { stroke: #56b4e9 }
.head { fill: #56b4e9 }
.wave { stroke: #e6edf3 }
}"""


def document(width, height, parts):
    """An SVG file of these parts on a ground of its own."""
    size = f'viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size}>\n<style>\n{_STYLE}\n</style>'
    return "\n".join([head, f'<rect class="ground" width="{width}" height="{height}"/>', *parts, "</svg>", ""])


def text(x, y, words, kind="", anchor="start"):
    classes = f' class="{kind}"' if kind else ""
    return f'<text x="{x:g}" y="{y:g}"{classes} text-anchor="{anchor}">{escape(words)}</text>'


def box(x, y, width, height, kind):
    return f'<rect class="{kind}" x="{x}" y="{y}" width="{width}" height="{height}" rx="4"/>'


def line(points, kind):
    return f'<polyline class="{kind}" points="{" ".join(f"{x:g},{y:g}" for x, y in points)}"/>'


def arrow(points, kind):
    """A line along ``points``, all horizontal or vertical, with a head at the last one."""
    (x0, y0), (x1, y1) = points[-2:]
    dx, dy = (x1 > x0) - (x1 < x0), (y1 > y0) - (y1 < y0)
    corners = [(x1, y1), (x1 - 8 * dx - 4 * dy, y1 - 8 * dy - 4 * dx), (x1 - 8 * dx + 4 * dy, y1 - 8 * dy + 4 * dx)]
    head = " ".join(f"{x:g},{y:g}" for x, y in corners)
    shortened = [*points[:-1], (x1 - 6 * dx, y1 - 6 * dy)]
    return f'{line(shortened, kind)}<polygon class="{"head" if kind == "link" else "bushead"}" points="{head}"/>'
