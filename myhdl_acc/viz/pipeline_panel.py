"""The panel of the engine's pipeline: an operation, how slow its surroundings are, and where the cycles went."""

import ipywidgets as widgets

from golden.operation import KINDS
from myhdl_acc.rtl.config import PRESETS
from myhdl_acc.trace.occupancy import occupancy
from myhdl_acc.viz.cycle_bars import CycleBars
from myhdl_acc.viz.engine_runs import PRESSURES, Choice, EngineRuns
from myhdl_acc.viz.figure_box import FigureBox
from myhdl_acc.viz.gantt import ZOOMING, Gantt
from myhdl_acc.viz.palette import legend_html
from myhdl_acc.viz.rows import folded_text
from myhdl_acc.viz.run_panel import RunPanel

_SIZES = {"outputs": (64, 1024), "terms": (256, 1024), "rows": (1, 8), "repeat": (3, 16)}


class PipelinePanel(RunPanel):
    """Live: the RTL runs whenever a control has moved."""

    live = True

    def __init__(self):
        self._gantt, self._bars = Gantt(), CycleBars()
        self._box = FigureBox(self._gantt.figure, self._bars.figure)
        presets = [name for name in PRESETS if name != "u280"]  # minutes to build, and too many rows to look at
        controls = {
            "preset": widgets.Dropdown(options=presets, value="tiny", description="preset"),
            "mode": widgets.Dropdown(options=KINDS, value="w2", description="mode"),
        }
        for name, (value, most) in _SIZES.items():
            controls[name] = widgets.IntSlider(value=value, min=1, max=most, description=name)
        for name in PRESSURES:
            controls[name] = widgets.FloatSlider(min=0, max=8, step=0.25, description=f"{name} late")
        controls["random"] = widgets.Checkbox(description="random delays")
        super().__init__(EngineRuns, controls, self._box.widget)

    def settings(self):
        """What the controls say: a Choice."""
        values = {name: control.value for name, control in self.controls.items()}
        return Choice(
            **{name: values[name] for name in values if name not in PRESSURES},
            slow={name: values[name] for name in PRESSURES},
        )

    def show_run(self, choice, run):
        """Show an EngineRun."""
        self._gantt.show(run.table)
        self._bars.show(occupancy(run.table))
        self._box.show(run.summary, legend_html(self._gantt.states), f"{ZOOMING} {folded_text(self._gantt.folded)}")
