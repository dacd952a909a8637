"""Where the cycles went: a bar per stream and lane, stacked by state, in bokeh."""

from bokeh.models import ColumnDataSource, HoverTool, Range1d

from myhdl_acc.trace.occupancy import state_order
from myhdl_acc.viz.palette import colour
from myhdl_acc.viz.track_figure import show_tracks, track_figure

_COLUMNS = ("left", "right", "y", "track", "state", "colour", "cycles")


def bar_columns(occupancy):
    """``({column: list}, [Track])`` of an Occupancy: the bars' parts in percent, and the tracks from top to bottom."""
    columns = {name: [] for name in _COLUMNS}
    for number, (track, counts) in enumerate(occupancy.counts.items()):
        before = 0
        for state in state_order(counts):
            left, right = (100 * edge / occupancy.cycles for edge in (before, before + counts[state]))
            before += counts[state]
            values = (left, right, -number, track.label, state, colour(state), counts[state])
            for name, value in zip(_COLUMNS, values, strict=True):
                columns[name].append(value)
    return columns, list(occupancy.counts)


class CycleBars:
    """A chart that shows one Occupancy after another."""

    def __init__(self, occupancy=None, width=1000):
        self.source = ColumnDataSource({name: [] for name in _COLUMNS})
        self.figure = track_figure(
            width=width,
            title="Where the cycles went",
            x_axis_label="percent of all cycles",
            x_range=Range1d(0, 100),
            tools="save",
        )
        self.bars = self.figure.hbar(
            left="left",
            right="right",
            y="y",
            height=0.8,
            fill_color="colour",
            line_color=None,
            legend_field="state",
            source=self.source,
        )
        tips = [("", "@track"), ("state", "@state"), ("cycles", "@cycles"), ("from", "@left{0.0} % to @right{0.0} %")]
        self.figure.add_tools(HoverTool(renderers=[self.bars], tooltips=tips))
        if occupancy is not None:
            self.show(occupancy)

    def show(self, occupancy):
        """Show this Occupancy instead of what was shown before."""
        columns, tracks = bar_columns(occupancy)
        show_tracks(self.figure, tracks)
        self.source.data = columns
