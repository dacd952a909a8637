"""The panel of compression: perplexity against bits, and which words of a text cost what."""

from html import escape

import ipywidgets as widgets
from bokeh.models import ColumnDataSource, HoverTool
from bokeh.plotting import figure

from golden.llm import models
from golden.llm.models import embedded
from myhdl_acc.viz.compression_runs import FORMATS, CompressionChoice, compression_runs
from myhdl_acc.viz.figure_box import FigureBox
from myhdl_acc.viz.run_panel import RunPanel

_TEXT = (
    "Sir Walter Elliot, of Kellynch Hall, in Somersetshire, was a man who, for his own amusement, never took up any "
    "book but the Baronetage; there he found occupation for an idle hour, and consolation in a distressed one."
)  # the beginning of Persuasion, which austen's training never saw
_SURE, _SURPRISED = 0.0, 8.0  # nats, from white to the darkest shade
_COLUMNS = ("format", "bits", "perplexity", "bytes")


class CompressionPanel(RunPanel):
    """A model in several formats on a text of one's own."""

    def __init__(self):
        self._points = ColumnDataSource({name: [] for name in _COLUMNS})
        self.chart = figure(
            sizing_mode="stretch_width",
            height=320,
            title="Perplexity of the text against bits",
            x_axis_label="bits per weight of the layers' matrices, scales included",
            y_axis_label="perplexity",
            tools="save",
        )
        self.chart.toolbar.logo = None
        dots = self.chart.scatter(
            "bits", "perplexity", size=11, fill_color="#0072B2", line_color=None, source=self._points
        )
        self.chart.text(
            "bits", "perplexity", "format", x_offset=9, y_offset=4, text_font_size="11px", source=self._points
        )
        tips = [("", "@format"), ("bits", "@bits{0.00}"), ("perplexity", "@perplexity{0.00}"), ("bytes", "@bytes{0,0}")]
        self.chart.add_tools(HoverTool(renderers=[dots], tooltips=tips, visible=False))
        self.chart.y_range.start, self.chart.x_range.start, self.chart.x_range.end = 0, 0, 10
        self._box = FigureBox(self.chart)
        controls = {
            "model": widgets.Combobox(
                value="austen", options=[*embedded.NAMES, *models.NAMES], description="model", continuous_update=False
            ),
            "formats": widgets.SelectMultiple(options=FORMATS, value=FORMATS[::2], description="formats", rows=6),
            "sinks": widgets.IntSlider(value=4, min=0, max=16, description="sinks"),
            "window": widgets.IntSlider(value=124, min=1, max=508, description="window"),
            "text": widgets.Textarea(_TEXT, description="text", layout=widgets.Layout(width="95%", height="80px")),
        }
        super().__init__(compression_runs, controls, self._box.widget)

    def settings(self):
        """What the controls say: a CompressionChoice."""
        return CompressionChoice(**{name: control.value for name, control in self.controls.items()})

    def show_run(self, choice, run):
        """Show a CompressionRun."""
        self._points.data = {name: [getattr(point, name) for point in run.points] for name in _COLUMNS}
        best = min(run.points, key=lambda point: point.perplexity)
        first = run.points[0]
        summary = {"tokens": len(run.pieces), "least perplexity": f"{best.perplexity:.2f} ({best.format})"}
        self._box.show(summary)
        self._box.notes.value = (
            f"<p>What each token cost in <b>{escape(first.format)}</b>: the darker, the less expected.</p>"
            f"<p>{escape(run.pieces[0])}{''.join(map(_shaded, run.pieces[1:], first.likelihood))}</p>"
        )


def _shaded(piece, nats):
    share = min(1, max(0, (nats - _SURE) / (_SURPRISED - _SURE)))
    return f"<span title='{nats:.2f} nats' style='background:rgba(240,150,0,{share:.2f})'>{escape(piece)}</span>"
