"""The panel of one token: a text is decoded on the simulated accelerator, and shown cycle by cycle."""

import ipywidgets as widgets

from myhdl_acc.driver.simulation_device import MEMORIES
from myhdl_acc.rtl.config import PRESETS
from myhdl_acc.viz.cause_bars import CauseBars
from myhdl_acc.viz.figure_box import FigureBox
from myhdl_acc.viz.gantt import ZOOMING, Gantt
from myhdl_acc.viz.rows import folded_text
from myhdl_acc.viz.run_panel import RunPanel
from myhdl_acc.viz.token_runs import PARTS, TokenChoice, token_runs

_USUAL = TokenChoice()


class TokenPanel(RunPanel):
    """``choice``: the TokenChoice that the controls begin with."""

    def __init__(self, choice=_USUAL):
        self._gantt, self._causes = Gantt(), CauseBars()
        self._box = FigureBox(self._gantt.figure, self._causes.figure)
        controls = {
            "model": widgets.Text(value=choice.model, description="model", continuous_update=False),
            "preset": widgets.Dropdown(options=list(PRESETS), value=choice.preset, description="preset"),
            "prompt": widgets.Text(value=choice.prompt, description="prompt"),
            "count": widgets.BoundedIntText(value=choice.count, min=1, max=512, description="tokens"),
            "sinks": widgets.BoundedIntText(value=choice.sinks, min=0, max=512, description="sinks"),
            "window": widgets.BoundedIntText(value=choice.window, min=1, max=4096, description="window"),
            "memory": widgets.Dropdown(options=MEMORIES, value=choice.memory, description="memory"),
            "part": widgets.Dropdown(options=PARTS, value=choice.part, description="show"),
        }
        super().__init__(token_runs, controls, self._box.widget)

    def settings(self):
        """What the controls say: a TokenChoice."""
        return TokenChoice(**{name: control.value for name, control in self.controls.items()})

    def show_run(self, choice, run):
        """Show a TokenRun."""
        self._gantt.show(run.run.table)
        self._causes.show(run.lost)
        self._box.show(run.summary, self._gantt.states, f"{ZOOMING} {folded_text(self._gantt.folded)}")
