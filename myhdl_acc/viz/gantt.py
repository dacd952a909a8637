"""The Gantt chart of streams and lanes by state, in bokeh."""

from bokeh.models import ColumnDataSource, HoverTool, Range1d

from myhdl_acc.viz.quads import BINS, COLUMNS, gantt_quads
from myhdl_acc.viz.track_figure import show_tracks, track_figure


class Gantt:
    """A chart that shows one EventTable after another: one ``figure``, and ``show`` replaces the data of ``source``."""

    def __init__(self, table=None, bins=BINS, width=1000):
        self.bins = bins
        self.source = ColumnDataSource({name: [] for name in COLUMNS})
        self.figure = track_figure(
            width=width,
            title="Streams and lanes",
            x_axis_label="clock cycle",
            x_range=Range1d(0, 1),
            tools="xpan,xwheel_zoom,xbox_zoom,reset,save",
            active_scroll="xwheel_zoom",
            output_backend="canvas",
        )
        self.quads = self.figure.quad(
            left="left",
            right="right",
            bottom="bottom",
            top="top",
            fill_color="colour",
            line_color=None,
            legend_field="state",
            source=self.source,
        )
        tips = [("", "@track"), ("state", "@state"), ("cycles", "@left … @right"), ("share", "@share{0.0 %}")]
        self.figure.add_tools(HoverTool(renderers=[self.quads], tooltips=[*tips, ("op", "@op")]))
        self.figure.xaxis.formatter.use_scientific = False
        if table is not None:
            self.show(table)

    def show(self, table):
        """Show this EventTable instead of what was shown before."""
        columns, tracks = gantt_quads(table, self.bins)
        start, end = table.span
        end = max(end, start + 1)
        self.figure.x_range.update(start=start, end=end, reset_start=start, reset_end=end)
        show_tracks(self.figure, tracks)
        self.source.data = columns
