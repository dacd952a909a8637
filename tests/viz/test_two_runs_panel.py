"""Two runs beside each other: kept, chosen, aligned, and their differences told."""

import pytest
from small_model import PROMPT, write_small_model

from myhdl_acc.trace.run import Run
from myhdl_acc.viz.token_runs import TokenChoice, run_tokens
from myhdl_acc.viz.two_runs_panel import TwoRunsPanel, places


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    path = write_small_model(tmp_path_factory.mktemp("model"))
    choices = [TokenChoice(PROMPT, 3, model=str(path), preset="tiny", window=window) for window in (20, 2)]
    return [(choice, run_tokens(choice)) for choice in choices]


@pytest.fixture
def panel(runs):
    panel = TwoRunsPanel()
    for choice, run in runs:
        panel.show_run(choice, run)
    yield panel
    panel.close()


def test_each_run_is_kept_with_its_settings(panel, runs):
    assert list(panel.kept) == [panel.a.value, panel.b.value]
    assert "window 20" in panel.a.value and "window 2" in panel.b.value
    (_, one), (_, other) = runs
    more = other.run.cycles - one.run.cycles
    assert more > 0 and f"{more:+,}" in panel.box.summary.value  # with 2, tokens are evicted
    assert "ffn_down" in panel.box.notes.value
    panel.b.value = panel.a.value
    assert "+0" in panel.box.summary.value


def test_runs_can_be_aligned_at_what_both_have(panel, runs):
    found = places(*(run.run for _, run in runs))
    assert found[0] == "embed" and {"layer 1", "layers.1.ffn_down", "head"} <= set(found)
    for at in ("layer 1", "head"):
        panel.align.value = at
        assert panel.align.value == at and panel.message.value == ""


def test_a_saved_run_is_added_and_what_is_none_is_refused(panel, runs, tmp_path):
    runs[0][1].run.save(tmp_path / "run.npz")
    panel.file.value = str(tmp_path / "run.npz")
    assert panel.b.value == str(tmp_path / "run.npz") and panel.message.value == ""
    Run(runs[0][1].run.table).save(tmp_path / "events.npz")
    panel.file.value = str(tmp_path / "events.npz")
    assert "does not say what was executed" in panel.message.value
    panel.file.value = "<nobody>.npz"
    assert "&lt;nobody&gt;.npz" in panel.message.value and len(panel.kept) == 3
