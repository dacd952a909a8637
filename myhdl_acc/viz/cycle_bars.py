"""Where the cycles went: a bar per stream and lane, stacked by state, in bokeh."""

from bokeh.models import ColumnDataSource, HoverTool, Range1d
from bokeh.plotting import figure

from myhdl_acc.trace.occupancy import state_order
from myhdl_acc.viz.palette import colour
from myhdl_acc.viz.rows import folded_rows, shown_rows
from myhdl_acc.viz.track_figure import show_tracks

_COLUMNS = ("left", "right", "y", "track", "state", "colour", "cycles")


def bar_columns(occupancy):
    """``({column: list}, [Track])`` of an Occupancy: the bars' parts in percent, and the tracks from top to bottom."""
    columns = {name: [] for name in _COLUMNS}
    tracks = [track for track in shown_rows(occupancy.counts) if track not in folded_rows(occupancy)]
    for number, track in enumerate(tracks):
        counts = occupancy.counts[track]
        before = 0
        for state in state_order(counts):
            left, right = (100 * edge / occupancy.cycles for edge in (before, before + counts[state]))
            before += counts[state]
            values = (left, right, -number, track.label, state, colour(state), counts[state])
            for name, value in zip(_COLUMNS, values, strict=True):
                columns[name].append(value)
    return columns, tracks


class CycleBars:
    """A chart that shows one Occupancy after another."""

    def __init__(self, occupancy=None):
        self.source = ColumnDataSource({name: [] for name in _COLUMNS})
        self.figure = figure(
            sizing_mode="stretch_width",
            height=100,
            y_range=Range1d(-0.5, 0.5),
            title="Where the cycles went",
            x_axis_label="percent of all cycles",
            x_range=Range1d(0, 100),
            tools="save",
        )
        self.figure.toolbar.logo = None
        self.figure.ygrid.visible = False
        self.bars = self.figure.hbar(
            left="left", right="right", y="y", height=0.8, fill_color="colour", line_color=None, source=self.source
        )
        tips = [("", "@track"), ("state", "@state"), ("cycles", "@cycles{0,0}")]
        tips.append(("from", "@left{0.0} % to @right{0.0} %"))
        self.figure.add_tools(HoverTool(renderers=[self.bars], tooltips=tips, visible=False))
        if occupancy is not None:
            self.show(occupancy)

    def show(self, occupancy):
        """Show this Occupancy instead of what was shown before."""
        columns, tracks = bar_columns(occupancy)
        show_tracks(self.figure, tracks)
        self.source.data = columns
