"""What all panels that run something share: settings above, a run in a process of its own, its progress, the figures.

A panel runs one thing at a time. Its last good figures stay until there are new ones, and say whose they are when the
settings have changed.
"""

import threading
import time
from html import escape

import ipywidgets as widgets
from IPython.display import display

from golden.errors import InputError
from myhdl_acc.viz.notebook import load_bokeh
from myhdl_acc.viz.run_process import Cancelled, RunFailed, RunProcess

_STYLE = "<style>.stale-figures { opacity: 0.4 }</style>"
_STALE = "These figures are of other settings: {}."


class RunPanel:
    """A panel of ``controls`` ({name: widget}) and ``figures`` (a widget), whose runs ``runner`` makes in a RunProcess.

    A panel has two methods of its own: ``settings()`` is what the controls say, in an object that says whether it
    equals another, and ``show_run(settings, run)`` shows a result. ``live``: a changed control starts a run by itself.
    ``show()`` displays the panel and begins the first run.
    """

    live = False

    def __init__(self, runner, controls, figures):
        self.controls, self.figures = controls, figures
        self.shown = None  #: the settings of the figures that are shown
        self._process = RunProcess(runner)
        self._lock = threading.Lock()
        self._thread = None
        self.start_button = widgets.Button(description="Run", button_style="primary")
        self.cancel_button = widgets.Button(description="Cancel", disabled=True)
        self.progress = widgets.HTML()
        self.message = widgets.HTML()
        self.stale = widgets.HTML()
        for name, part in (("start", self.start_button), ("cancel", self.cancel_button)):
            part.add_class(f"run-{name}")
        for name in ("progress", "message", "stale"):
            getattr(self, name).add_class(f"run-{name}")
        self.start_button.on_click(lambda _: self.start())
        self.cancel_button.on_click(lambda _: self.cancel())
        for control in controls.values():
            control.style.description_width = "initial"
            control.observe(self._changed, "value")
        buttons = widgets.HBox([self.start_button, self.cancel_button, self.progress])
        wrapped = widgets.Box(list(controls.values()), layout=widgets.Layout(flex_flow="row wrap"))
        self.widget = widgets.VBox(
            [widgets.HTML(_STYLE), wrapped, buttons, self.message, self.stale, self.figures],
            layout=widgets.Layout(width="100%"),
        )
        self.widget.add_class("run-panel")

    def show(self):
        """Display the panel and begin its first run."""
        load_bokeh()
        display(self.widget)
        self.start()

    def start(self):
        """Begin a run of the settings, unless one is under way."""
        with self._lock:
            if self._thread is not None:
                return
            self._thread = threading.Thread(target=self._work, daemon=True)
            self.start_button.disabled, self.cancel_button.disabled = True, False
            self.progress.value, self.message.value = "starts", ""
            self._thread.start()

    def cancel(self):
        """End the run that is under way, within a second."""
        if self._thread is not None:
            self._process.cancel()

    def wait(self, seconds=None):
        """Wait until no run is under way, but not longer; returns whether none is."""
        thread = self._thread
        if thread is not None:
            thread.join(seconds)
        return self._thread is None

    def close(self):
        """End the run and its process."""
        self.cancel()
        self.wait()
        self._process.close()

    def _changed(self, _):
        self._mark()
        if self.live:
            self.start()

    def _mark(self):
        """Say so if the figures are of other settings."""
        differ = self.shown is not None and self.shown != self.settings()
        (self.figures.add_class if differ else self.figures.remove_class)("stale-figures")
        self.stale.value = _STALE.format(escape(self.described(self.shown))) if differ else ""

    def described(self, settings):
        """The settings in words."""
        return ", ".join(f"{name} {value}" for name, value in vars(settings).items())

    def _work(self):
        """Run until the figures are those of the settings, or something ends it. Nothing may pass unsaid here."""
        try:
            while True:
                settings = self.settings()
                message = self._run(settings)
                with self._lock:
                    again = self.live and message is None and settings != self.settings()
                    if not again:
                        self._thread = None
                        break
        except BaseException as error:
            message = f"{type(error).__name__}: {error}"
            self._thread = None
        self.message.value = "" if message is None else f"<b style='color:#B00020'>{escape(message)}</b>"
        self.progress.value = ""
        self.start_button.disabled, self.cancel_button.disabled = False, True
        self._mark()

    def _run(self, settings):
        """Run once and show the result; returns what went wrong, or None."""
        began, phase = time.monotonic(), "starts"

        def say(text):
            nonlocal phase
            phase = text or phase
            seconds = time.monotonic() - began
            self.progress.value = escape(phase) + (f" · {seconds:.0f} s" if seconds >= 1 else "")

        try:
            run = self._process.run(settings, say)
        except Cancelled:
            return "Cancelled."
        except (InputError, RunFailed) as error:
            return str(error)
        self.show_run(settings, run)
        self.shown = settings
        return None
