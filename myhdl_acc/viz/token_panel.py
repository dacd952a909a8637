"""The panel of one token: a text is decoded on the simulated accelerator, and shown by matrix and cycle by cycle."""

import ipywidgets as widgets

from myhdl_acc.viz.cause_bars import CauseBars
from myhdl_acc.viz.figure_box import FigureBox
from myhdl_acc.viz.gantt import ZOOMING, Gantt
from myhdl_acc.viz.palette import entries_html, legend_html
from myhdl_acc.viz.rows import folded_text
from myhdl_acc.viz.run_panel import RunPanel
from myhdl_acc.viz.token_bars import READ_COLOURS
from myhdl_acc.viz.token_controls import token_choice, token_controls
from myhdl_acc.viz.token_runs import TokenChoice, token_runs
from myhdl_acc.viz.token_view import LEFT, TokenView
from myhdl_acc.viz.track_figure import cycle_range

_USUAL = TokenChoice()


class TokenPanel(RunPanel):
    """``choice``: the TokenChoice that the controls begin with."""

    def __init__(self, choice=_USUAL):
        x_range = cycle_range()
        self._view, self._gantt, self._causes = TokenView(x_range=x_range), Gantt(x_range=x_range), CauseBars()
        self._gantt.figure.min_border_left = LEFT
        rows, queues, memory = self._view.figures
        self._box = FigureBox(rows, queues, self._view.halved, memory, self._gantt.figure, self._causes.figure)
        half = widgets.Checkbox(value=choice.half_depth, description="again with half the queues' depth", indent=False)
        super().__init__(token_runs, token_controls(choice) | {"half_depth": half}, self._box.widget)

    def settings(self):
        """What the controls say: a TokenChoice."""
        return token_choice(self.controls)

    def show_run(self, choice, run):
        """Show a TokenRun."""
        self._gantt.show(run.run.table)
        self._view.show(run.run, run.half)  # last, as what it shows may be the longer
        self._causes.show(run.lost)
        legend = entries_html("lanes read", READ_COLOURS) + legend_html(self._gantt.states)
        self._box.show(run.summary, legend, f"{ZOOMING} {folded_text(self._gantt.folded)}")
