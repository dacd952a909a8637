"""The panel of Λ-shaped attention: what each query of a decoded text meets, and what its token took."""

import numpy as np
from bokeh.layouts import row
from bokeh.models import ColumnDataSource, HoverTool, LinearColorMapper, Range1d
from bokeh.plotting import figure
from bokeh.transform import transform

from golden.lambda_attention import LambdaRule
from myhdl_acc.viz.figure_box import FigureBox
from myhdl_acc.viz.lambda_view import COLOURS, NAMES, kept_text, lambda_grid
from myhdl_acc.viz.palette import entries_html
from myhdl_acc.viz.run_panel import RunPanel
from myhdl_acc.viz.token_controls import token_choice, token_controls
from myhdl_acc.viz.token_runs import TokenChoice, token_runs

_HEIGHT = 460
_USUAL = TokenChoice(count=24)


class LambdaPanel(RunPanel):
    """``choice``: the TokenChoice that the controls begin with."""

    def __init__(self, choice=_USUAL):
        self._rows = Range1d(0, 1)
        self.grid, self._cells = self._grid()
        self.bars, self._bars = self._cycles()
        self._box = FigureBox(row(self.grid, self.bars, sizing_mode="stretch_width"))
        controls = token_controls(choice)
        del controls["part"]
        super().__init__(token_runs, controls, self._box.widget)

    def settings(self):
        """What the controls say: a TokenChoice."""
        return token_choice(self.controls)

    def show_run(self, choice, run):
        """Show a TokenRun."""
        rule, pieces = LambdaRule(choice.sinks, choice.window), [*run.prompt, *run.decoded]
        tokens = len(pieces) - 1  # the last one was chosen, and never asked anything
        grid = lambda_grid(rule, tokens)
        query, key = (index.ravel() for index in np.indices(grid.shape))
        self._cells.data = {
            "query": query,
            "key": key,
            "state": grid.ravel(),
            "name": [NAMES[state] for state in grid.ravel()],
            "asks": [pieces[number] for number in query],
            "piece": [pieces[number] for number in key],
        }
        decoded = np.arange(len(run.prompt), tokens)
        self._bars.data = {
            "query": decoded,
            "cycles": run.cycles[1:],
            "asks": [pieces[number] for number in decoded],
            "sees": [kept_text(rule, pieces, int(number)) for number in decoded],
        }
        self._rows.update(start=tokens - 0.5, end=-0.5)
        self.grid.x_range.update(start=-0.5, end=tokens - 0.5)
        self._box.show(run.summary, entries_html("a token is", dict(zip(NAMES[1:], COLOURS[1:], strict=True))))

    def _grid(self):
        source = ColumnDataSource({name: [] for name in ("query", "key", "state", "name", "asks", "piece")})
        made = self._figure("Who meets whom", "token, by position", x_range=Range1d(0, 1), y_axis_label="query")
        colours = LinearColorMapper(palette=COLOURS, low=-0.5, high=len(COLOURS) - 0.5)
        made.rect("key", "query", 0.9, 0.9, fill_color=transform("state", colours), line_color=None, source=source)
        tips = [("query", "@query “@asks”"), ("token", "@key “@piece”"), ("is", "@name")]
        made.add_tools(HoverTool(tooltips=tips, visible=False))
        return made, source

    def _cycles(self):
        source = ColumnDataSource({name: [] for name in ("query", "cycles", "asks", "sees")})
        made = self._figure("What its token took", "cycles, from choice to choice")
        made.hbar(y="query", right="cycles", height=0.9, fill_color="#0072B2", line_color=None, source=source)
        tips = [("query", "@query “@asks”"), ("cycles", "@cycles{0,0}"), ("it sees", "@sees")]
        made.add_tools(HoverTool(tooltips=tips, visible=False))
        made.x_range.start = 0
        made.xaxis.formatter.use_scientific = False
        return made, source

    def _figure(self, title, label, **options):
        made = figure(
            sizing_mode="stretch_width",
            height=_HEIGHT,
            title=title,
            x_axis_label=label,
            y_range=self._rows,
            tools="save",
            **options,
        )
        made.toolbar.logo = None
        made.grid.visible = False
        return made
