"""Two runs zoom together, however they are aligned."""

from bokeh.embed import file_html
from bokeh.resources import INLINE
from browser.looks import figure
from recorded import recorded

from myhdl_acc.trace.events import EventTable
from myhdl_acc.trace.run import Run
from myhdl_acc.viz.two_runs import TwoRuns


def later(run, cycles):
    """The same run after so many cycles in which nothing happens."""
    table = EventTable()
    table.extend_table(run.table, cycles)
    table.extend_columns([0], [cycles], "lane", 0, state="no_command")
    return Run(table, run.about, run.steps, run.needs)


def test_zoom_moves_both(page, tmp_path):
    two = TwoRuns(later(recorded(wait=30), 7), recorded(wait=60), "layer 0")
    (tmp_path / "two.html").write_text(file_html(two.figures, INLINE, title="two"))
    page.goto((tmp_path / "two.html").as_uri())
    page.wait_for_function("window.Bokeh?.documents[0]?.is_idle")

    def seen():
        return [(figure(page, number)["start"], figure(page, number)["end"]) for number in (0, 1)]

    (start, end), other = seen()
    assert other == (start - 7, end - 7)
    page.evaluate("Bokeh.documents[0].roots()[0].x_range.setv({start: 20, end: 40})")
    assert seen() == [(20, 40), (13, 33)]
    page.evaluate("Bokeh.documents[0].roots()[1].x_range.setv({start: 20, end: 30})")
    assert seen() == [(27, 37), (20, 30)]
