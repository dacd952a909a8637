"""The figures of one token share their cycles, show all bars, and leave out what was not recorded."""

from recorded import recorded

from myhdl_acc.trace.events import EventTable
from myhdl_acc.trace.run import Run
from myhdl_acc.viz.token_view import TokenView


def test_shows_a_run_after_another():
    view = TokenView(recorded(title="first"))
    rows, queues, memory = view.figures
    assert rows.x_range is queues.x_range is memory.x_range and rows.x_range.bounds == (0, 20)
    assert "first" in rows.title.text and "fullest 5, emptiest 5" in queues.title.text
    assert len(view.bars.data["left"]) == len(view.bars.data["y"]) == 11 and len(view.arrows.data["x0"]) == 1
    view.show(recorded(wait=30, title="second"))
    assert rows.x_range.bounds == (0, 46) and "second" in rows.title.text


def test_white_on_dark():
    view = TokenView(recorded())
    dark = dict(zip(view.bars.data["kind"], view.bars.data["dark"], strict=True))
    assert dark["weights"] and not dark["parameters"] and not dark["layer"]


def test_without_memory_ports():
    run = recorded()
    units = Run(EventTable(e for e in run.table if e.unit != "sink_r"), run.about, run.steps, run.needs)
    view = TokenView(units)
    assert [figure.visible for figure in view.figures] == [True, False, False]
    view.show(run)
    assert all(figure.visible for figure in view.figures)
