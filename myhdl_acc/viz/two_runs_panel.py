"""The panel of two runs: each run is kept with its settings; two of them are shown one below the other, aligned."""

import dataclasses
from html import escape

import ipywidgets as widgets

from golden.errors import InputError
from myhdl_acc.trace.run import Run
from myhdl_acc.trace.steps import layer_of
from myhdl_acc.viz.figure_box import FigureBox
from myhdl_acc.viz.gantt import ZOOMING
from myhdl_acc.viz.palette import entries_html
from myhdl_acc.viz.run_panel import RunPanel
from myhdl_acc.viz.token_bars import LEGEND
from myhdl_acc.viz.token_controls import token_choice, token_controls
from myhdl_acc.viz.token_runs import TokenChoice, token_runs
from myhdl_acc.viz.two_runs import TwoRuns

_USUAL = TokenChoice(count=2, sinks=4, window=60)


class TwoRunsPanel(RunPanel):
    """``choice``: the TokenChoice that the controls begin with. ``kept``: {what it is called: Run}."""

    def __init__(self, choice=_USUAL):
        self.kept, self._changing = {}, False
        self.box = FigureBox()
        wide = widgets.Layout(width="45%")
        self.a, self.b = (widgets.Dropdown(options=[], description=name, layout=wide) for name in "AB")
        self.align = widgets.Dropdown(options=[], description="aligned at")
        self.file = widgets.Text(placeholder="a saved run: FILE.npz", continuous_update=False, description="add")
        for control in (self.a, self.b, self.align):
            control.observe(self._chosen, "value")
        self.file.observe(self._add_file, "value")
        choices = widgets.Box([self.a, self.b, self.align, self.file], layout=widgets.Layout(flex_flow="row wrap"))
        figures = widgets.VBox([choices, self.box.widget], layout=widgets.Layout(width="100%"))
        super().__init__(token_runs, token_controls(choice), figures)

    def settings(self):
        """What the controls say: a TokenChoice."""
        return token_choice(self.controls)

    def show_run(self, choice, run):
        """Keep a TokenRun, and show it as B beside what was B."""
        usual = vars(TokenChoice())
        self.keep(", ".join(f"{name} {value}" for name, value in vars(choice).items() if value != usual[name]), run.run)

    def keep(self, name, run):
        """Keep a Run under a name; a run of that name is replaced. It becomes B, and what was B becomes A.

        Raises InputError for one of which nothing but the events is known.
        """
        if not run.annotated:
            raise InputError(f"{name}: it does not say what was executed; record it again with --trace")
        name = name or "as usual"
        before = self.b.value or name
        self.kept[name] = dataclasses.replace(run, about=run.about | {"title": name})
        self._changing = True
        for control, value in ((self.a, before), (self.b, name)):
            control.options = list(self.kept)
            control.value = value
        self._show_both()

    def _mark(self):
        """Nothing here is of other settings: every run has its own in its name."""

    def _add_file(self, change):
        if change["new"]:
            try:
                self.keep(change["new"], Run.load(change["new"]))
            except InputError as error:
                self.message.value = f"<b style='color:#B00020'>{escape(str(error))}</b>"
            else:
                self.message.value = ""

    def _chosen(self, _):
        if not self._changing:
            self._show_both()

    def _show_both(self):
        self._changing = True  # what is set below is no choice of anybody's
        try:
            one, other = self.kept[self.a.value], self.kept[self.b.value]
            at, self.align.options = self.align.value, places(one, other)
            self.align.value = at if at in self.align.options else self.align.options[0]
        finally:
            self._changing = False
        two = TwoRuns(one, other, self.align.value)
        self.box.replace(*two.figures)
        summary = {"A": f"{one.cycles:,} cycles", "B": f"{other.cycles:,} cycles, {other.cycles - one.cycles:+,}"}
        self.box.show(summary, "".join(entries_html(*line) for line in LEGEND.items()), ZOOMING)
        self.box.notes.value += two.table


def places(one, other):
    """Names of layers and matrices that two Runs have, at which they can be aligned."""
    names = [dict.fromkeys(run.commands["name"].tolist()) for run in (one, other)]
    shared = [name for name in names[0] if name in names[1]]
    return list(dict.fromkeys(part for name in shared for part in (layer_of(name), name)))
