"""What panels share that run nothing: controls above, what they show below, at once."""

from html import escape

import ipywidgets as widgets
from IPython.display import display

from golden.errors import InputError
from myhdl_acc.viz.notebook import load_bokeh


class ViewPanel:
    """A panel of ``controls`` ({name: widget}) and ``views`` (widgets). Its own method ``draw(**values)`` brings the
    views up to date with the controls' values; what it refuses stands above the last views, which stay."""

    def __init__(self, controls, views):
        self.controls = controls
        self.message = widgets.HTML()
        full = widgets.Layout(width="100%")
        for control in controls.values():
            control.style.description_width = "initial"
            control.observe(lambda _: self.refresh(), "value")
        wrapped = widgets.Box(list(controls.values()), layout=widgets.Layout(flex_flow="row wrap", width="100%"))
        self.widget = widgets.VBox([wrapped, self.message, *views], layout=full)
        self.refresh()

    def show(self):
        """Display the panel."""
        load_bokeh()
        display(self.widget)

    def refresh(self):
        """Draw what the controls say."""
        try:
            self.draw(**{name: control.value for name, control in self.controls.items()})
        except InputError as error:
            self._say(str(error))
        except Exception as error:  # a callback that raises says nothing in a notebook
            self._say(f"{type(error).__name__}: {error}")
        else:
            self._say("")

    def _say(self, text):
        self.message.value = f"<b style='color:#B00020'>{escape(text)}</b>" if text else ""
