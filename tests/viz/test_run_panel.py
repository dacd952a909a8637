"""A panel without a browser: it shows what it ran, and never figures of other settings without saying so."""

import ipywidgets as widgets
import pytest
from viz.slow_panel import SlowPanel

from myhdl_acc.viz.pipeline_panel import PipelinePanel

_SECONDS = 120


@pytest.fixture
def panel():
    panel = SlowPanel()
    yield panel
    panel.close()


def run(panel, what, argument=""):
    panel.controls["what"].value, panel.controls["argument"].value = what, argument
    panel.start()
    assert panel.wait(_SECONDS)


def test_the_last_good_figures_stay_and_say_that_they_are_old(panel):
    run(panel, "counted", "<b>")
    assert panel.results == [1] and panel.stale.value == "" and panel.message.value == ""
    run(panel, "refused", "<no>")
    assert panel.results == [1]
    assert "&lt;no&gt;" in panel.message.value
    assert "of other settings: counted &lt;b&gt;" in panel.stale.value and "stale-figures" in panel.figures._dom_classes
    run(panel, "broken", "x")
    assert "ZeroDivisionError: x" in panel.message.value
    run(panel, "counted", "<b>")
    assert panel.results == [1, 4]
    assert panel.stale.value == panel.message.value == "" and "stale-figures" not in panel.figures._dom_classes


def test_a_fault_of_the_panel_itself_is_said(panel):
    panel.show_run = lambda settings, run: 1 / 0
    run(panel, "counted")
    assert "ZeroDivisionError" in panel.message.value and not panel.start_button.disabled


def test_a_second_click_does_not_queue_and_cancel_is_said(panel):
    panel.controls["what"].value, panel.controls["argument"].value = "slow", "300"
    panel.controls["argument"] = widgets.IntText(300)
    panel.start()
    thread = panel._thread
    panel.start()
    assert panel._thread is thread and panel.start_button.disabled and not panel.cancel_button.disabled
    panel.cancel()
    assert panel.wait(_SECONDS)
    assert "Cancelled" in panel.message.value and not panel.start_button.disabled
    assert panel.progress.value == "" and panel.results == []


def test_the_pipeline_is_live():
    panel = PipelinePanel()
    try:
        panel.start()
        assert panel.wait(_SECONDS)
        assert panel.message.value == "" and panel.shown == panel.settings()
        panel.controls["memory"].value = 2
        panel.controls["outputs"].value = 40
        assert panel.wait(_SECONDS)
        assert panel.shown == panel.settings() and panel.shown.slow["memory"] == 2 and panel.shown.outputs == 40
        assert "compared with golden: <b>120 integers, all equal" in panel.figures.children[0].value
    finally:
        panel.close()
