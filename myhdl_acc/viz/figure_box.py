"""Figures of one run in a notebook: the summary, the legend of their states, the charts."""

from html import escape

import ipywidgets as widgets
from jupyter_bokeh.widgets import BokehModel

from myhdl_acc.viz.palette import legend_html

_FULL = {"width": "100%"}


class FigureBox:
    """``widget``: a summary and a legend, which wrap, above bokeh ``figures`` as wide as the page; notes below."""

    def __init__(self, *figures):
        self.summary, self.legend, self.notes = widgets.HTML(), widgets.HTML(), widgets.HTML()
        self._figures = figures
        self.widget = widgets.VBox([self.summary, self.legend, self.notes], layout=widgets.Layout(**_FULL))

    def show(self, summary, states=(), notes=""):
        """``summary``: {label: value}; ``states`` for the legend; ``notes``: text.

        The figures appear the first time.
        """
        if self._figures:
            charts = [BokehModel(figure, layout=widgets.Layout(**_FULL)) for figure in self._figures]
            self.widget.children = [self.summary, self.legend, *charts, self.notes]
            self._figures = ()
        self.summary.value = "<div class='run-summary'>" + " · ".join(
            f"{escape(str(label))}: <b>{escape(str(value))}</b>" for label, value in summary.items()
        )
        self.legend.value = legend_html(states)
        self.notes.value = escape(notes)
