"""One token, by matrix, in bokeh: what lanes read and waited for, what ended the waits, queues and memory below."""

from bokeh.models import ColumnDataSource, CustomJS, HoverTool, NumeralTickFormatter, Range1d, Span

from myhdl_acc.trace.counters import PERIOD, has_ports
from myhdl_acc.viz.half_depth import half_text
from myhdl_acc.viz.palette import colour
from myhdl_acc.viz.token_bars import (
    COLUMNS,
    READ,
    ROWS,
    VECTOR,
    fill_band,
    fill_text,
    rate_bars,
    token_bars,
    wait_arrows,
)
from myhdl_acc.viz.track_figure import cycle_figure, cycle_range, show_cycles, show_title

_HALF = 0.42  # of a bar's height; rows are 1 apart
LEFT = 110  # pixels for the names of rows, in all figures
_RIGHT = 30  # that the toolbar of the first one takes
_HEIGHTS = 214, 124, 144  # pixels without titles
_LABEL = """
const label = () => {
    const pixels = frame.inner_width / (x_range.end - x_range.start)
    const {left, right, row, label, dark, part} = bars.data
    const shown = {x: [], y: [], text: [], colour: []}
    const name = (i, from, to) => {
        from = Math.max(from, x_range.start)
        to = Math.min(to, x_range.end)
        const fits = text => text && (to - from) * pixels > 7 * text.length + 6
        const text = [label[i], label[i].replace("layer ", "")].find(fits)
        if (!text) return false
        shown.x.push((from + to) / 2)
        shown.y.push(-row[i])
        shown.text.push(text)
        shown.colour.push(dark[i] ? "#FFFFFF" : "#000000")
        return true
    }
    for (let i = 0, end; i < left.length; i = end) {
        let named = false, beats = 0, widest = i
        for (end = i; end == i || (part[i] >= 0 && part[end] == part[i]); end++) {
            named = name(end, left[end], right[end]) || named
            beats += right[end] - left[end]
            if (right[end] - left[end] > right[widest] - left[widest]) widest = end
        }
        if (!named && beats > 0.8 * (right[end - 1] - left[i])) name(widest, left[i], right[end - 1])
    }
    labels.data = shown
}
clearTimeout(labels.waiting)
labels.waiting = setTimeout(label, 30)
"""
"""Name the bars that are wide enough, in the middle of what is in sight of them; bars of a matrix with short pauses
together."""


class TokenView:
    """Shows one Run after another, all of which know what they executed, in ``figures``: the rows of token_bars, the
    prefetch queues and memory. ``halved`` is the figure of the queues with half the depth. ``x_range``: a cycle_range()
    that others share.

    Every event is drawn as it was, at any zoom.
    """

    def __init__(self, run=None, x_range=None):
        self._range = x_range or cycle_range()
        self.bars = ColumnDataSource({name: [] for name in (*COLUMNS, "y", "dark")})
        self.arrows = ColumnDataSource({name: [] for name in ("x0", "x1", "text")})
        self.labels = ColumnDataSource({name: [] for name in ("x", "y", "text", "colour")})
        self.fill, self.half_fill = (
            ColumnDataSource({name: [] for name in ("cycle", "least", "mean", "most")}) for _ in range(2)
        )
        self.rates = ColumnDataSource({name: [] for name in ("left", "right", "top")})
        self._depth, self._half_depth, self._ceiling = (
            Span(dimension="width", line_dash="dashed", line_color="#444444") for _ in range(3)
        )
        self.figures = [self._rows(), self._queues(self.fill, self._depth), self._memory()]
        self.halved = self._queues(self.half_fill, self._half_depth)
        if run is not None:
            self.show(run)

    def show(self, run, half=None):
        """Show this Run instead of what was shown before, and the queues of a HalfDepth if there is one."""
        bars = token_bars(run)
        bars["y"] = [-row for row in bars["row"]]
        bars["dark"] = [_dark(colour) for colour in bars["colour"]]
        self.bars.data, self.arrows.data = bars, wait_arrows(run)
        rows, queues, memory = self.figures
        show_title(rows, f"{run.title}: what lane 0 read and waited for", _HEIGHTS[0])
        ports = has_ports(run)
        queues.visible = memory.visible = ports
        if ports:
            _show_fill(queues, self.fill, self._depth, run, f"Prefetch queues, {fill_text(run)}")
            self.rates.data, self._ceiling.location = rate_bars(run), run.about.get("ceiling")
        self.halved.visible = half is not None
        if half is not None:
            _show_fill(self.halved, self.half_fill, self._half_depth, half.run, half_text(run, half))
        show_cycles(self._range, run.table.span[0], max(run.cycles, half.run.cycles if half else 0))

    def _rows(self):
        made = cycle_figure(self._range, height=_HEIGHTS[0], y_range=Range1d(0.5 - len(ROWS), 0.5), title="")
        made.min_border_left = LEFT
        bars = made.hbar(
            left="left",
            right="right",
            y="y",
            height=2 * _HALF,
            fill_color="colour",
            line_color="#FFFFFF",
            line_width=0.3,
            source=self.bars,
        )
        arrow = {"source": self.arrows, "line_color": "#000000", "line_alpha": 0.6}
        made.segment("x0", _HALF - VECTOR, "x1", -_HALF - READ, line_width=0.8, **arrow)
        heads = made.scatter("x1", -_HALF - READ, marker="triangle", size=4, fill_color="#000000", **arrow)
        made.text(
            "x",
            "y",
            "text",
            source=self.labels,
            text_align="center",
            text_baseline="middle",
            text_font_size="11px",
            text_color="colour",
        )
        made.add_tools(HoverTool(renderers=[bars], tooltips=[("", "@text"), ("cycles", "@left{0,0} … @right{0,0}")]))
        made.add_tools(HoverTool(renderers=[heads], tooltips=[("ended by", "@text")], visible=False))
        made.xaxis.axis_label = None
        made.yaxis.ticker = [-row for row in range(len(ROWS))]
        made.yaxis.major_label_overrides = {-row: name for row, name in enumerate(ROWS)}
        code = CustomJS(
            args={"bars": self.bars, "labels": self.labels, "x_range": self._range, "frame": made}, code=_LABEL
        )
        for edge in ("start", "end"):
            self._range.js_on_change(edge, code)
        made.js_on_change("inner_width", code)
        self.bars.js_on_change("data", code)
        return made

    def _queues(self, fill, depth):
        made = cycle_figure(self._range, height=_HEIGHTS[1], y_range=Range1d(0, 1), title="", y_axis_label="beats")
        made.min_border_left, made.min_border_right = LEFT, _RIGHT
        made.toolbar_location = made.xaxis.axis_label = None
        made.varea("cycle", "least", "most", source=fill, fill_color=colour("beat"), fill_alpha=0.3)
        line = made.line("cycle", "mean", source=fill, line_color=colour("beat"))
        made.add_layout(depth)
        tips = [
            ("cycle", "@cycle{0,0}"),
            ("beats read and not yet taken", "@least{0,0} to @most{0,0}, mean @mean{0,0.0}"),
        ]
        made.add_tools(HoverTool(renderers=[line], tooltips=tips, mode="vline"))
        return made

    def _memory(self):
        made = cycle_figure(self._range, height=_HEIGHTS[2], y_range=Range1d(0, 1.05), title="")
        show_title(made, f"Memory: share of {PERIOD} cycles with a beat; dashed: at most", _HEIGHTS[2])
        made.min_border_left, made.min_border_right = LEFT, _RIGHT
        made.toolbar_location = None
        bars = made.quad(
            left="left",
            right="right",
            bottom=0,
            top="top",
            source=self.rates,
            fill_color=colour("transfer"),
            line_color=colour("transfer"),
            line_width=0.5,
        )
        made.add_layout(self._ceiling)
        tips = [("cycles", "@left{0,0} … @right{0,0}"), ("with a beat, lanes averaged", "@top{0.0 %}")]
        made.add_tools(HoverTool(renderers=[bars], tooltips=tips))
        made.yaxis.formatter = NumeralTickFormatter(format="0 %")
        return made


def _show_fill(chart, source, dashed, run, title):
    """Show the fill of a Run's queues in a chart that _queues() made, under a title; their depth is ``dashed``."""
    depth = run.about.get("config", {}).get("prefetch")
    source.data, dashed.location = fill_band(run), depth
    show_title(chart, title, _HEIGHTS[1])
    chart.y_range.update(start=0, end=1.05 * (depth or max(1, *source.data["most"])))


def _dark(shade):
    """Whether white is easier to read on a colour than black."""
    red, green, blue = (int(shade[i : i + 2], 16) for i in (1, 3, 5))
    return 0.299 * red + 0.587 * green + 0.114 * blue < 140
