"""The panel of the design space: which configurations are worth having, and how near they come to their roofs."""

import ipywidgets as widgets
import numpy as np
from bokeh.models import ColumnDataSource, HoverTool
from bokeh.plotting import figure

from golden.errors import InputError
from myhdl_acc.viz.design_space import POINTS, command, label, load, pareto, roofline
from myhdl_acc.viz.figure_box import FigureBox
from myhdl_acc.viz.view_panel import ViewPanel

_BEST, _OTHER = "#0072B2", "#C8C8C8"
_COLUMNS = ("x", "y", "colour", "label", "command", "method")
_GAINS = {"decoded tokens per second": "tokens_per_s", "prompt tokens per second": "prefill_tokens_per_s"}
_COSTS = {
    "LUTs, share of the card": "lut",
    "block RAM, share of the card": "bram36",
    "DSPs, share of the card": "dsp",
    "UltraRAM, share of the card": "uram",
    "joules per token, estimated": "joules_per_token",
}
_ALL = "all models"


class DesignSpacePanel(ViewPanel):
    """Shows the points that come with the source, or those of a results file of ``myhdl-acc sweep``."""

    def __init__(self):
        self.chart, self.points = _scatter("Speed against cost; blue: no other point of the workload is better in both")
        self.roofs, self.bounds = _scatter("Roofline of decoding", x_axis_type="log", y_axis_type="log")
        self.roofs.xaxis.axis_label, self.roofs.yaxis.axis_label = "products per byte", "products per cycle"
        self.roof_lines = ColumnDataSource({"xs": [], "ys": []})
        self.roofs.multi_line("xs", "ys", line_color="#888888", source=self.roof_lines)
        self._box = FigureBox(self.chart, self.roofs)
        self._loaded = {}
        controls = {
            "file": widgets.Text(str(POINTS), description="results", continuous_update=False),
            "model": widgets.Dropdown(options=[_ALL], description="model"),
            "gain": widgets.Dropdown(options=list(_GAINS), description="speed"),
            "cost": widgets.Dropdown(options=list(_COSTS), value=_first_cost(load(POINTS)), description="cost"),
        }
        super().__init__(controls, [self._box.widget])

    def draw(self, file, model, gain, cost):
        """Show the points of a file."""
        if file not in self._loaded:
            self._loaded = {file: load(file)}
            options = [_ALL, *sorted({row["model"] for row in self._loaded[file]})]
            if options != list(self.controls["model"].options):
                self.controls["model"].options = options
                model = _ALL
        gain_column, cost_column = _GAINS[gain], _COSTS[cost]
        rows = [row for row in self._loaded[file] if model in (_ALL, row["model"])]
        shown = [row for row in rows if row[gain_column] is not None and row[cost_column] is not None]
        if not shown:
            raise InputError(f"no point has {cost}: the sweep had synth: false")
        best = pareto(shown, gain_column, cost_column)
        self.points.data = _columns(shown, [(row[cost_column], row[gain_column]) for row in shown], best)
        self.chart.xaxis.axis_label, self.chart.yaxis.axis_label = cost, gain
        roofs = [roofline(row) for row in shown]
        self.bounds.data = _columns(shown, [roof[:2] for roof in roofs], best)
        self.roof_lines.data = _roof_lines({roof[2:] for roof in roofs}, [roof[0] for roof in roofs])
        methods = ", ".join(sorted({row["method"] for row in shown}))
        self._box.show({"points": len(shown), "not beaten": len(best), "cycles": methods})


def _first_cost(rows):
    """Of what is known of any of the rows."""
    return next(cost for cost, column in _COSTS.items() if any(row[column] is not None for row in rows))


def _columns(rows, places, best):
    return {
        "x": [x for x, _ in places],
        "y": [y for _, y in places],
        "colour": [_BEST if row["key"] in best else _OTHER for row in rows],
        "label": [label(row) for row in rows],
        "command": [command(row) for row in rows],
        "method": [row["method"] for row in rows],
    }


def _roof_lines(roofs, intensities):
    """A line for each of ``roofs``, (products per cycle, bytes per cycle): memory's, then the multipliers'."""
    places = np.geomspace(min(intensities) / 4, max(intensities) * 16, 50)
    return {
        "xs": [places.tolist() for _ in roofs],
        "ys": [np.minimum(products, places * memory).tolist() for products, memory in sorted(roofs)],
    }


def _scatter(title, **axes):
    source = ColumnDataSource({name: [] for name in _COLUMNS})
    chart = figure(sizing_mode="stretch_width", height=320, title=title, tools="save,pan,box_zoom,reset", **axes)
    chart.toolbar.logo = None
    dots = chart.scatter("x", "y", size=10, fill_color="colour", line_color="#444444", source=source)
    tips = [("", "@label"), ("", "@x, @y"), ("cycles", "@method"), ("again", "@command")]
    chart.add_tools(HoverTool(renderers=[dots], tooltips=tips, visible=False))
    return chart, source
