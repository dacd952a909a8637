"""The panel of a model's matrices: how often each code occurs, and the weights that the codes stand for."""

import ipywidgets as widgets
from bokeh.models import ColumnDataSource, HoverTool
from bokeh.plotting import figure

from golden.llm.models import embedded
from myhdl_acc.viz.atom_view import grid, level_counts, value_histogram
from myhdl_acc.viz.figure_box import FigureBox
from myhdl_acc.viz.view_panel import ViewPanel


class HistogramPanel(ViewPanel):
    """``model``: an embedded model's name or an ``.acc`` file, to begin with."""

    def __init__(self, model="austen"):
        self._loaded = {}
        self.codes, self._codes = _bars("Codes of the format's grid", "weight before its scales")
        self.values, self._values = _bars("Weights, scales included", "weight")
        self._box = FigureBox(self.codes, self.values)
        names = list(embedded.load(model).matrices)
        first = next(name for name in names if "ffn" in name)
        controls = {
            "model": widgets.Text(model, description="model", continuous_update=False),
            "matrix": widgets.Dropdown(options=names, value=first, description="matrix"),
        }
        super().__init__(controls, [self._box.widget])

    def draw(self, model, matrix):
        """Show the histograms of one matrix."""
        if model not in self._loaded:
            self._loaded = {model: embedded.load(model)}
            names = list(self._loaded[model].matrices)
            if names != list(self.controls["matrix"].options):
                self.controls["matrix"].options = names
                matrix = names[0]
        quantised = self._loaded[model].matrices[matrix]
        levels = grid(quantised.packed.kind)
        counts = level_counts(quantised.packed)
        self._codes.data = _columns([level - 0.4 for level in levels], [level + 0.4 for level in levels], counts)
        counts, edges = value_histogram(quantised)
        self._values.data = _columns(edges[:-1], edges[1:], counts)
        self.codes.title.text = f"{matrix}: codes of {quantised.packed.kind}"
        self._box.show({"weights": f"{quantised.packed.rows:,} × {quantised.packed.cols:,}"})


def _columns(left, right, counts):
    total = max(1, int(counts.sum()))
    return {"left": list(left), "right": list(right), "count": counts.tolist(), "share": (counts / total).tolist()}


def _bars(title, label):
    source = ColumnDataSource({name: [] for name in ("left", "right", "count", "share")})
    chart = figure(sizing_mode="stretch_width", height=220, title=title, x_axis_label=label, tools="save")
    chart.toolbar.logo = None
    chart.quad(left="left", right="right", bottom=0, top="share", fill_color="#0072B2", line_color=None, source=source)
    tips = [("from", "@left"), ("to", "@right"), ("weights", "@count{0,0}"), ("share", "@share{0.00 %}")]
    chart.add_tools(HoverTool(tooltips=tips, visible=False))
    chart.y_range.start = 0
    return chart, source
