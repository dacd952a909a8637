"""Figures of one run in a notebook: the summary, the legend of their states, the charts."""

from html import escape

import ipywidgets as widgets
from bokeh.layouts import column
from jupyter_bokeh.widgets import BokehModel

_FULL = {"width": "100%"}


class FigureBox:
    """``widget``: a summary and a legend, which wrap, above bokeh ``figures`` as wide as the page; notes below."""

    def __init__(self, *figures):
        self.summary, self.legend, self.notes = widgets.HTML(), widgets.HTML(), widgets.HTML()
        self.widget = widgets.VBox([self.summary, self.legend, self.notes], layout=widgets.Layout(**_FULL))
        self._figures = figures
        self._charts = None

    def replace(self, *figures):
        """Show these figures from the next show() on."""
        self._charts, self._figures = None, figures

    def show(self, summary, legend="", notes=""):
        """``summary``: {label: value}; ``legend``: HTML; ``notes``: text. The figures appear the first time."""
        if self._charts is None:
            # One model, as figures that share a range must be in one document.
            figures = column(*self._figures, sizing_mode="stretch_width")
            self._charts = BokehModel(figures, layout=widgets.Layout(**_FULL))
            self.widget.children = [self.summary, self.legend, self._charts, self.notes]
        self.summary.value = "<div class='run-summary'>" + " · ".join(
            f"{escape(str(label))}: <b>{escape(str(value))}</b>" for label, value in summary.items()
        )
        self.legend.value = legend
        self.notes.value = escape(notes)
