"""Two runs beside each other: what lanes read and waited for in both, aligned, and what made the difference."""

from html import escape

from bokeh.models import ColumnDataSource, CustomJS, HoverTool
from bokeh.plotting import figure
from bokeh.transform import dodge

from myhdl_acc.report.perf.lost_cycles import lost_cycles
from myhdl_acc.trace.compare import compare, compare_causes, shift_between
from myhdl_acc.trace.matrices import kind_work
from myhdl_acc.viz.palette import colour
from myhdl_acc.viz.token_view import TokenView
from myhdl_acc.viz.track_figure import cycle_range

_LARGEST = 12  # causes
_BAR = 44  # pixels of a cause's two bars
_FRAME = 80
_SHIFT = """
const {start, end} = cb_obj
if (start + shift != other.start || end + shift != other.end) other.setv({start: start + shift, end: end + shift})
"""
"""Let the other run's chart show the same cycles, so many later."""


def cause_rows(one, other):
    """``[(cause, before, after, change)]`` of two Runs: cycles of a lane without a beat, lanes averaged, by what it
    waited for (perf.lost_cycles); the largest first.
    """
    found = [lost_cycles(run.table, len(run.lanes), run.cycles)[0] for run in (one, other)]
    return compare_causes(*found)


def difference_html(one, other, work=kind_work):
    """A table of what each matrix took in two Runs, as HTML; ``work`` as compare() takes it."""
    rows = [("", "before", "after", "change", "by")]
    for found in compare(one, other, work):
        numbers = f"{found.before:,.0f}", f"{found.after:,.0f}", f"{found.change:+,.0f}" if found.cause else ""
        rows.append((found.name, *numbers, found.cause))
    rows.append(("all", f"{one.cycles:,}", f"{other.cycles:,}", f"{other.cycles - one.cycles:+,}", ""))
    cells = ("".join(f"<td style='padding-right:1.5em'>{escape(cell)}</td>" for cell in row) for row in rows)
    return f"<table>{''.join(f'<tr>{row}</tr>' for row in cells)}</table>"


class TwoRuns:
    """Shows Run ``one`` and ``other``, both of which know what they executed, in ``figures``. They are aligned where
    ``at``, a layer or a matrix (compare.shift_between), begins; ``table`` is difference_html(). Raises KeyError if one
    has no ``at``.
    """

    def __init__(self, one, other, at="layer 0"):
        shift = shift_between(other, one, at)
        ranges = [cycle_range(), cycle_range()]
        views = [TokenView(run, x_range) for run, x_range in zip((one, other), ranges, strict=True)]
        start, end = min(0, -shift), max(one.cycles, other.cycles - shift)
        for x_range, by in zip(ranges, (0, shift), strict=True):
            x_range.update(
                start=start + by, end=end + by, reset_start=start + by, reset_end=end + by,
                bounds=(start + by, end + by), max_interval=end - start,
            )  # fmt: skip
        for x_range, another, by in ((*ranges, shift), (*ranges[::-1], -shift)):
            for edge in ("start", "end"):
                x_range.js_on_change(edge, CustomJS(args={"other": another, "shift": by}, code=_SHIFT))
        self.table = difference_html(one, other)
        self.figures = [view.figures[0] for view in views] + [_causes(cause_rows(one, other), one.title, other.title)]


def _causes(rows, before, after):
    rows = rows[:_LARGEST]
    names = ("cause", "before", "after", "change")
    source = ColumnDataSource({name: list(column) for name, column in zip(names, zip(*rows, strict=True), strict=True)})
    made = figure(
        sizing_mode="stretch_width",
        height=_FRAME + _BAR * len(rows),
        y_range=[row[0] for row in rows][::-1],
        title="What the lanes waited for",
        x_axis_label="cycles of a lane without a beat, lanes averaged",
        tools="save",
    )
    made.toolbar.logo, made.x_range.start, made.ygrid.visible = None, 0, False
    for name, offset, shade, label in (
        ("before", 0.18, colour("no_command"), before),
        ("after", -0.18, colour("beat"), after),
    ):
        made.hbar(
            y=dodge("cause", offset, range=made.y_range), right=name, height=0.34, fill_color=shade, line_color=None,
            source=source, legend_label=f"{name}: {label}",
        )  # fmt: skip
    tips = [("", "@cause"), ("cycles", "@before{0,0} → @after{0,0}"), ("change", "@change{+0,0}")]
    made.add_tools(HoverTool(tooltips=tips))
    made.legend.location = "bottom_right"
    return made
