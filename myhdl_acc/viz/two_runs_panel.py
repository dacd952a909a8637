"""The panel of two runs: each run is kept with its settings; two of them are shown one below the other, aligned."""

from html import escape

import ipywidgets as widgets
from bokeh.models import CustomJS

from golden.errors import InputError
from myhdl_acc.report.perf.lost_cycles import lost_cycles
from myhdl_acc.trace.compare import compare, compare_causes, shift_between
from myhdl_acc.trace.run import Run
from myhdl_acc.trace.steps import layer_of
from myhdl_acc.viz.figure_box import FigureBox
from myhdl_acc.viz.gantt import ZOOMING
from myhdl_acc.viz.palette import entries_html
from myhdl_acc.viz.run_panel import RunPanel
from myhdl_acc.viz.token_bars import LEGEND
from myhdl_acc.viz.token_controls import token_choice, token_controls
from myhdl_acc.viz.token_runs import TokenChoice, token_runs
from myhdl_acc.viz.token_view import TokenView
from myhdl_acc.viz.track_figure import cycle_range, show_cycles

_USUAL = TokenChoice(count=2, sinks=4, window=60)
_BEGIN = "the first cycle"
_FOLLOW = """
const start = cb_obj.start - shift, end = cb_obj.end - shift
if (Math.abs(other.start - start) + Math.abs(other.end - end) > 1e-6) other.setv({start, end})
"""
"""Let the other run's range follow."""


class TwoRunsPanel(RunPanel):
    """``choice``: the TokenChoice that the controls begin with. ``kept`` {what it is called: Run}."""

    def __init__(self, choice=_USUAL):
        self.kept, self._changing = {}, False
        self._ranges = cycle_range(), cycle_range()
        self._views = [TokenView(x_range=x_range) for x_range in self._ranges]
        self._follow = [CustomJS(args={"other": other, "shift": 0}, code=_FOLLOW) for other in self._ranges[::-1]]
        for x_range, follow in zip(self._ranges, self._follow, strict=True):
            for edge in ("start", "end"):
                x_range.js_on_change(edge, follow)
        self._box = FigureBox(self._views[0].figures[0], self._views[1].figures[0])
        wide = widgets.Layout(width="45%")
        self.a, self.b = (widgets.Dropdown(options=[], description=name, layout=wide) for name in "AB")
        self.align = widgets.Dropdown(options=[_BEGIN], description="aligned at")
        self.file = widgets.Text(placeholder="a saved run: FILE.npz", continuous_update=False, description="add")
        for control in (self.a, self.b, self.align):
            control.observe(self._chosen, "value")
        self.file.observe(self._add_file, "value")
        choices = widgets.Box([self.a, self.b, self.align, self.file], layout=widgets.Layout(flex_flow="row wrap"))
        figures = widgets.VBox([choices, self._box.widget], layout=widgets.Layout(width="100%"))
        super().__init__(token_runs, token_controls(choice), figures)

    def settings(self):
        """What the controls say: a TokenChoice."""
        return token_choice(self.controls)

    def show_run(self, choice, run):
        """Keep a TokenRun, and show it as B beside what was B."""
        usual = vars(TokenChoice())
        parts = [f"{name} {value}" for name, value in vars(choice).items() if value != usual[name]]
        self.keep(", ".join(parts) or "as the controls began", run.run)

    def keep(self, name, run):
        """Keep a Run under a name; a run of that name is replaced. It becomes B, and what was B becomes A."""
        before = self.b.value or name
        self.kept[name] = run
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
            self._show(self.kept[self.a.value], self.kept[self.b.value])
        finally:
            self._changing = False

    def _show(self, one, other):
        for view, run in zip(self._views, (one, other), strict=True):
            view.show(run)
        for letter, name, view in zip("AB", (self.a.value, self.b.value), self._views, strict=True):
            view.figures[0].title.text = f"{letter}: {name}"
        at = self.align.value
        self.align.options = [_BEGIN, *places(one, other)]
        self.align.value = at if at in self.align.options else _BEGIN
        shift = 0 if self.align.value == _BEGIN else shift_between(one, other, self.align.value)
        # In cycles of A; those of B are ``shift`` less.
        first, last = min(0, shift), max(one.cycles, other.cycles + shift)
        for x_range, less in zip(self._ranges, (0, shift), strict=True):
            show_cycles(x_range, first - less, last - less)
        self._follow[0].args = self._follow[0].args | {"shift": shift}
        self._follow[1].args = self._follow[1].args | {"shift": -shift}
        summary = {"A": f"{one.cycles:,} cycles", "B": f"{other.cycles:,} cycles, {other.cycles - one.cycles:+,}"}
        self._box.show(summary, "".join(entries_html(*line) for line in LEGEND.items()))
        self._box.notes.value = f"<p>{ZOOMING}</p>{differences(one, other)}"


def places(one, other):
    """Names of layers and matrices at which two Runs can be aligned."""
    names = [dict.fromkeys(run.commands["name"].tolist()) for run in (one, other)]
    shared = [name for name in names[0] if name in names[1]]
    return list(dict.fromkeys(part for name in shared for part in (layer_of(name), name) if part))


def differences(one, other):
    """What became of the matrices and of the lost cycles from one Run to the other, as HTML tables."""
    matrices = [item for item in compare(one, other) if round(item.change)]
    matrices.sort(key=lambda item: -abs(item.change))
    rows = "".join(f"<tr><td>{escape(item.text)}</td></tr>" for item in matrices)
    waits = [lost_cycles(run.table, len(run.lanes), run.cycles)[0] for run in (one, other)]
    causes = "".join(
        f"<tr><td>{escape(cause)}</td><td>{before:,.0f}</td><td>{after:,.0f}</td><td>{change:+,.0f}</td></tr>"
        for cause, before, after, change in compare_causes(*waits)
    )
    head = "<tr><th>lanes waited for</th><th>A</th><th>B</th><th>B − A</th></tr>"
    return (
        "<div style='display:flex;flex-wrap:wrap;gap:2em'>"
        "<table><tr><th>from A to B, the largest first</th></tr>"
        f"{rows or '<tr><td>no difference</td></tr>'}</table>"
        f"<table>{head}{causes}</table></div>"
    )
