"""The Gantt chart of streams and lanes by state, in bokeh."""

from bokeh.models import ColumnDataSource, CustomJS, CustomJSHover, HoverTool, LinearColorMapper, Range1d
from bokeh.transform import transform

from myhdl_acc.trace.occupancy import occupancy
from myhdl_acc.viz.palette import KINDS, colour
from myhdl_acc.viz.quads import HEIGHT, LEVELS, LIMIT, levels
from myhdl_acc.viz.rows import folded_rows, shown_rows
from myhdl_acc.viz.track_figure import cycle_figure, cycle_range, show_cycles, show_tracks

_NOTHING = {name: [] for name in ("left", "right", "y", "height", "state", "op")}
_TIPS = (
    ("", "@y{custom}"),
    ("state", "@state{custom}"),
    ("op", "@op{custom}"),
    ("cycles", "@left{0,0} … @right{0,0}"),
)
_EXACT = "clock cycle (every event as it was)"
_BINNED = "clock cycle (columns of {:,} cycles, stacked by the share of each state; zoom in for single events)"

ZOOMING = "Drag to move, Ctrl and the wheel to zoom, hover for what an event is."
"""How to use the chart."""

_CHOOSE = """
const choose = () => {
    const few = ({left, right}) => {
        let seen = 0
        for (let i = 0; i < left.length; i++) {
            if (right[i] > x_range.start && left[i] < x_range.end && ++seen > limit) return false
        }
        return true
    }
    const last = labels.length - 1
    const chosen = labels.findIndex((_, i) => i == last || few(renderers[i].data_source.data))
    if (renderers[chosen].visible) return
    renderers.forEach((renderer, i) => { renderer.visible = i == chosen })
    hover.setv({renderers: [renderers[chosen]], tooltips: tips[chosen]})
    axis.axis_label = labels[chosen]
}
clearTimeout(axis.waiting)
axis.waiting = setTimeout(choose, 60)
"""
"""Show the first level with few enough rectangles in sight, soon after the range changed; the axis says which."""


class Gantt:
    """A chart that shows one EventTable after another in ``figure``. ``x_range``: a cycle_range() that others share.

    Every event is drawn as it was whenever no more than ``limit`` are in sight. ``states`` are those that the last
    table has, for the legend; ``folded`` are its tracks without a row (rows.folded_rows).
    """

    def __init__(self, table=None, x_range=None, limit=LIMIT):
        self.states, self.folded = [], {}
        self._limit = limit
        self._range = x_range or cycle_range()
        self.figure = cycle_figure(self._range, height=100, y_range=Range1d(-0.5, 0.5), title="Streams and lanes")
        self._tracks = CustomJSHover(code="return names[-Math.round(value)]")
        self._states = CustomJSHover(code="return names[value]")
        self._ops = CustomJSHover(code="return names[value] ?? 'several'")
        self._colours = LinearColorMapper(palette=["#000000"], low=-0.5, high=0.5)
        self.renderers = [self._renderer() for _ in range(LEVELS)]
        share = CustomJSHover(code=f"return (100 * value / {HEIGHT}).toFixed(1) + ' %'")
        formatters = {"@y": self._tracks, "@state": self._states, "@op": self._ops, "@height": share}
        self._hover = HoverTool(formatters=formatters, visible=False)
        self.figure.add_tools(self._hover)
        self._choose = CustomJS(code=_CHOOSE)
        for edge in ("start", "end"):
            self._range.js_on_change(edge, self._choose)
        if table is not None:
            self.show(table)

    def show(self, table):
        """Show this EventTable instead of what was shown before."""
        table = table.merged()
        counted = occupancy(table)
        self.states, self.folded = counted.states, folded_rows(counted)
        tracks = [track for track in shown_rows(counted.counts) if track not in self.folded]
        found = levels(table, tracks, self._limit)
        names = table.names
        self._tracks.args = {"names": [track.label for track in tracks]}
        self._states.args = {"names": [_described(state) for state in names["state"]]}
        self._ops.args = {"names": names["op"]}
        self._colours.update(
            palette=[colour(state) for state in names["state"]] or ["#000000"],
            high=max(1, len(names["state"])) - 0.5,
        )
        tips = [(label, tip) for label, tip in _TIPS if label != "op" or any(names["op"])]
        tips = [[*tips, ("share", "@height{custom}")] if level.cycles else tips for level in found]
        self._hover.update(renderers=[self.renderers[len(found) - 1]], tooltips=tips[-1])
        for number, renderer in enumerate(self.renderers):
            columns = found[number].columns if number < len(found) else _NOTHING
            if len(columns["left"]) or len(renderer.data_source.data["left"]):  # what stays empty is not sent again
                renderer.data_source.data = dict(columns)
            renderer.visible = number == len(found) - 1
        labels = [_BINNED.format(level.cycles) if level.cycles else _EXACT for level in found]
        axis = self.figure.xaxis[0]
        axis.axis_label = labels[-1]
        self._choose.args = {
            "renderers": self.renderers,
            "labels": labels,
            "hover": self._hover,
            "tips": tips,
            "limit": self._limit,
            "x_range": self._range,
            "axis": axis,
        }
        show_tracks(self.figure, tracks)
        show_cycles(self._range, *table.span)

    def _renderer(self):
        return self.figure.hbar(
            left="left",
            right="right",
            y="y",
            height="height",
            fill_color=transform("state", self._colours),
            line_color=None,
            source=ColumnDataSource(dict(_NOTHING)),
        )


def _described(state):
    """A state as the hover names it: an instruction of the vector unit with what it is for."""
    return f"{state} ({KINDS[state]})" if state in KINDS else state
