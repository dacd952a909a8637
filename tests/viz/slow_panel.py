"""A panel for tests, whose runs do what its controls say."""

import ipywidgets as widgets
from viz.slow_runs import Kept

from myhdl_acc.viz.run_panel import RunPanel


class SlowPanel(RunPanel):
    """Its controls are what Kept is told; ``results`` are its runs'."""

    def __init__(self):
        self.results = []
        controls = {
            name: widgets.Text(value, description=name) for name, value in (("what", "counted"), ("argument", ""))
        }
        super().__init__(Kept, controls, widgets.HTML())

    def settings(self):
        return self.controls["what"].value, self.controls["argument"].value

    def described(self, settings):
        return " ".join(settings)

    def show_run(self, settings, run):
        self.results.append(run)
        self.figures.value = f"<p class='slow-result'>run {run}</p>"
